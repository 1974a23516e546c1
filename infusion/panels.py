"""The infusion panel of the patient page: lymphodepletion, checklist, identity, thaw, day 0."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from infusion.bedside.bags import ONE_SITTING
from infusion.day import infusion_window, restrictions_of
from infusion.fractions import Series, series
from infusion.models import LymphodepletionDose
from infusion.readiness import Readiness, readiness, thaw_timer, thawed_at
from infusion.selectors import identity_check
from manufacturing.selectors import usable_batch
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet

ANCHOR: Final = "infusion"
TITLE: Final = _("Infusion")
TEMPLATE: Final = "infusion/panel.html"

PREPARING: Final = frozenset({Stage.RELEASED, Stage.LYMPHODEPLETION})


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """What stands between the child and the infusion, or the infusion itself; None when it closed before."""
    if is_before(journey, Stage.RELEASED):
        return not_yet(ANCHOR, TITLE)
    ready = readiness(journey, at=at)
    is_infused = ready.infusion is not None and ready.infusion.started_at is not None
    if journey.stage not in PREPARING and not is_infused:
        return None
    context: dict[str, Any] = {
        "journey": journey,
        "ready": ready,
        "is_infused": is_infused,
        "drugs": _drugs_given(journey),
        "parts": series(journey, at=at),
        "on": journey.center.local_day(at),
    }
    if is_infused:
        return _infused(journey, user, context, at)
    context["window"] = infusion_window(journey, at=at)
    thawed_at = ready.thaw_started_at
    status, tone = _status(journey, ready)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context=context | {"timer": thaw_timer(journey, thawed_at, at=at) if thawed_at else None},
        actions=actions_for(user, journey, _offers(ready)),
    )


def _infused(journey: Journey, user: User, context: dict[str, Any], at: datetime) -> StagePanel:
    """The infusion, its further parts, and what the family keeps to."""
    parts: Series | None = context["parts"]
    is_open = parts is not None and parts.is_open and journey.stage == Stage.INFUSED
    thawed = thawed_at(journey, at=at) if is_open else None
    further = _part_offers(journey, parts) if parts and is_open else []
    context["restrictions"] = restrictions_of(journey)
    context["timer"] = thaw_timer(journey, thawed, at=at) if thawed else None
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=_("Next part open") if is_open else _("Infused"),
        tone="accent" if is_open else "good",
        template=TEMPLATE,
        context=context,
        actions=actions_for(user, journey, [*_bag_offers(journey, at), *further]),
    )


def _bag_offers(journey: Journey, at: datetime) -> list[Offer]:
    """The bedside, as long as bags of the same sitting may still run."""
    begun = journey.infused_at
    if begun is None or journey.stage != Stage.INFUSED or at - begun > ONE_SITTING:
        return []
    return [Offer(Permission.CONFIRM_INFUSION, _("At the bedside"), "infusion:bedside", primary=True)]


def _part_offers(journey: Journey, parts: Series) -> list[Offer]:
    """Every step of the next part; the first that is not done stands out, once the gate allows it."""
    confirm = Permission.CONFIRM_INFUSION
    batch = usable_batch(journey.pk)
    checked = batch is not None and identity_check(journey.pk, batch.pk, fraction=parts.next or 0)
    ready = parts.gate is not None and parts.gate.verdict == "allowed"
    offers = []
    if not checked:
        offers.append(Offer(confirm, _("Identity"), "infusion:identity", primary=ready))
    elif parts.thawed is None:
        offers.append(Offer(Permission.RECEIVE_PRODUCT, _("Start the thaw"), "infusion:thaw", primary=ready))
    return [
        *offers,
        Offer(Permission.VIEW_PATIENTS, _("Ready to infuse"), "infusion:ready"),
        Offer(confirm, _("At the bedside"), "infusion:bedside"),
        Offer(confirm, _("Record next part"), "infusion:part", primary=ready and bool(checked)),
        Offer(Permission.DECIDE_FRACTION, _("Give no further part"), "infusion:parts_stop"),
    ]


@dataclass(frozen=True, slots=True)
class DrugGiven:
    """The same dose of one drug, given once or several times."""

    drug: str
    dose_mg: Decimal | None
    times: int
    first_at: datetime
    last_at: datetime


def _drugs_given(journey: Journey) -> list[DrugGiven]:
    """Lymphodepletion in short: doses that repeat are told once."""
    by_dose: dict[tuple[str, Decimal | None], list[datetime]] = {}
    for dose in LymphodepletionDose.objects.filter(journey=journey).order_by("given_at", "drug"):
        by_dose.setdefault((dose.drug, dose.dose_mg), []).append(dose.given_at)
    return [
        DrugGiven(drug, dose_mg, len(times), times[0], times[-1])
        for (drug, dose_mg), times in by_dose.items()
    ]


def _status(journey: Journey, ready: Readiness) -> tuple[Text, str]:
    if ready.thaw_started_at:
        return _("Thawed"), "harm"
    if ready.next is None or ready.next.name == "infusion:thaw":
        return _("Ready to thaw"), "accent"
    if journey.stage == Stage.LYMPHODEPLETION:
        return _("Lymphodepletion"), "accent"
    return _("Preparing"), "info"


def _offers(ready: Readiness) -> list[Offer]:
    """Every step of the preparation; the first that is not done stands out."""
    first = ready.next.name if ready.next else "infusion:infusion"
    deplete, confirm = Permission.RECORD_LYMPHODEPLETION, Permission.CONFIRM_INFUSION
    offers = [
        Offer(deplete, _("Lymphodepletion"), "infusion:lymphodepletion", first == "infusion:lymphodepletion"),
        Offer(deplete, _("White cells or marrow"), "infusion:finding"),
        Offer(Permission.VIEW_PATIENTS, _("Checklist"), "infusion:checklist", first == "infusion:checklist"),
        Offer(Permission.VIEW_PATIENTS, _("Ready to infuse"), "infusion:ready"),
    ]
    if ready.is_received:
        offers.append(Offer(confirm, _("At the bedside"), "infusion:bedside"))
    if ready.is_received and ready.identity is None:
        offers.append(Offer(confirm, _("Identity"), "infusion:identity", first == "infusion:identity"))
    if ready.identity and ready.thaw_started_at is None:
        offers.append(
            Offer(Permission.RECEIVE_PRODUCT, _("Start the thaw"), "infusion:thaw", first == "infusion:thaw")
        )
    if ready.identity:
        offers.append(Offer(confirm, _("Record infusion"), "infusion:infusion", first == "infusion:infusion"))
    return offers
