"""Writes of papers: what is printed of a journey is an event with the digest of the file."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.paper.sheets import Rendered
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.papers.custody import custody_report
from cartpath.papers.day import day_sheet
from cartpath.papers.enums import CardFact, PaperKind
from cartpath.papers.inputs import (
    AnyLanguage,
    CardAgreement,
    CardFactName,
    JourneyPaper,
    OneLanguage,
    PaperSeal,
)
from cartpath.papers.models import Paper
from cartpath.papers.product import product_sheet
from cartpath.papers.wallet import wallet_cards, wallet_pdf
from patients.models import Journey
from patients.services import journey_locked

_AGREED_BY_MOST: Final = 120


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper and its file, which is handed out once and not kept."""

    paper: Paper
    content: bytes


def wallet_card_print(*, journey_id: UUID, agreement: CardAgreement, by: Actor, at: datetime) -> Printed:
    """Print the wallet card with what the family agreed to.

    Raises `Conflict` `not_infused` before the infusion, `Invalid` without the name of who agreed.
    """
    agreed = CardAgreement(
        shown=_in_order(agreement.shown),
        agreed_by=_agreed_by(agreement.agreed_by),
    )
    with journey_locked(journey_id) as journey:
        if journey.infused_at is None:
            raise Conflict("not_infused", _("A card tells of an infusion; there was none yet."))
        rendered = wallet_pdf(wallet_cards(journey, agreed.shown, at=at))
        seal = _seal("wallet_card", "both", rendered, agreement=agreed)
        return Printed(_keep(journey, seal, by=by, at=at), rendered.content)


def _in_order(shown: tuple[CardFactName, ...]) -> tuple[CardFactName, ...]:
    """Each fact once, in the order of the card; a fact that isn't one is refused at the edge."""
    order = CardFact.values
    return tuple(sorted(set(shown), key=order.index))


def _agreed_by(name: str) -> str:
    if not name.strip():
        sentence = _("Give the name of who of the family agreed.")
        raise Invalid("invalid_input", _("Nobody agreed."), fields={"agreed_by": sentence})
    if len(name.strip()) > _AGREED_BY_MOST:
        sentence = _("Use at most %(most)d characters.") % {"most": _AGREED_BY_MOST}
        raise Invalid("invalid_input", _("The name is too long."), fields={"agreed_by": sentence})
    return name.strip()


def product_sheet_print(*, journey_id: UUID, language: OneLanguage, by: Actor, at: datetime) -> Printed:
    """Print the sheet that goes with the product. Raises `Conflict` `no_order` before an order."""

    def draw(journey: Journey) -> Rendered:
        return product_sheet(journey, at=at)

    return _print(journey_id, "product_sheet", draw, language=language, by=by, at=at)


def custody_report_print(*, journey_id: UUID, language: OneLanguage, by: Actor, at: datetime) -> Printed:
    """Print the custody report with what a replay of the chain finds now, intact or broken."""

    def draw(journey: Journey) -> Rendered:
        return custody_report(journey, by=by.name, at=at)

    return _print(journey_id, "custody_report", draw, language=language, by=by, at=at)


def paper_take_over(*, journey_id: UUID, seal: PaperSeal, by: Actor, at: datetime) -> Paper:
    """A paper that was printed elsewhere: its digest is known, its file stayed where it was printed."""
    with journey_locked(journey_id) as journey:
        return _keep(journey, seal, by=by, at=at)


def day_sheet_print(*, center: Center, on: date, language: OneLanguage, by: Actor, at: datetime) -> Printed:
    """Print the sheet of a center's day. It is about many children and stands in nobody's ledger."""
    with translation.override(language), timezone.override(center.zone):
        rendered = day_sheet(center, on, at=at)
    paper = Paper.objects.create(
        center=center,
        kind=PaperKind.DAY_SHEET,
        language=language,
        pages=rendered.pages,
        digest=sha256(rendered.content).hexdigest(),
        printed_at=at,
        printed_by=by.name,
    )
    return Printed(paper, rendered.content)


def _print(
    journey_id: UUID,
    kind: JourneyPaper,
    draw: Callable[[Journey], Rendered],
    *,
    language: OneLanguage,
    by: Actor,
    at: datetime,
) -> Printed:
    with journey_locked(journey_id) as journey:
        with translation.override(language), timezone.override(journey.center.zone):
            rendered = draw(journey)
        seal = _seal(kind, language, rendered)
        return Printed(_keep(journey, seal, by=by, at=at), rendered.content)


def _seal(
    kind: JourneyPaper, language: AnyLanguage, rendered: Rendered, *, agreement: CardAgreement | None = None
) -> PaperSeal:
    return PaperSeal(
        kind=kind,
        language=language,
        pages=rendered.pages,
        digest=sha256(rendered.content).hexdigest(),
        shown=agreement.shown if agreement else (),
        agreed_by=agreement.agreed_by if agreement else "",
    )


def _keep(journey: Journey, seal: PaperSeal, *, by: Actor, at: datetime) -> Paper:
    (event,) = append(journey.pk, [NewEvent(EventKind.PAPER_PRINTED, at, asdict(seal))], by=by)
    return Paper.objects.create(
        journey=journey,
        center_id=journey.center_id,
        kind=seal.kind,
        language=seal.language,
        pages=seal.pages,
        digest=seal.digest,
        printed_at=at,
        printed_by=by.name,
        event_id=event.id,
    )
