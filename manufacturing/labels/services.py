"""Writes of labels: printed, printed again for a reason, accounted for; wristbands; the center's settings."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from manufacturing.custody.usable import require_all
from manufacturing.custody.words import Step
from manufacturing.labels.content import content_of
from manufacturing.labels.inputs import AccountDetails, LabelWanted, PrintDetails, SettingDetails
from manufacturing.labels.rules.layout import MEASURES, codes_on
from manufacturing.labels.words import LabelKind, LabelSize, LabelState, Paper, ReprintReason
from manufacturing.models import CustodyItem, Label, LabelSetting, ProductWords, Wristband
from manufacturing.scanning.rules.wristband import wristband_code
from patients.models import Journey
from patients.services import event_strike, journey_locked, refuse_closed

MOST_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class _Plan:
    """One label about to be printed."""

    wanted: LabelWanted
    item: CustodyItem | None
    copy: int
    codes: tuple[str, ...]


def labels_print(*, journey_id: UUID, details: PrintDetails, by: Actor, at: datetime) -> list[Label]:
    """Print labels of items and of the wristband; the PDF is made from the rows this leaves.

    Raises `Invalid` `reason_missing` for a thing that has such a label already, `no_number`,
    `not_printable`, and for sizes and papers that don't go together; `Conflict` for struck items.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        _refuse_impossible(details)
        band = _band(journey, details)
        plans = _plans(journey, details, band)
        first = (Label.objects.filter(journey=journey).aggregate(last=Max("number"))["last"] or 0) + 1
        numbers = list(range(first, first + len(plans)))
        facts = asdict(details) | {"numbers": numbers, "wristband": band.code if band else None}
        (event,) = append(journey_id, [NewEvent(EventKind.LABELS_PRINTED, at, facts)], by=by)
        if band is not None:
            _wear(journey, band, at=at, event_id=event.id)
        return Label.objects.bulk_create(
            Label(
                journey=journey,
                center_id=journey.center_id,
                number=number,
                kind=plan.wanted.kind,
                item=plan.item,
                wristband=band if plan.item is None else None,
                size=plan.wanted.size,
                copy=plan.copy,
                reason=details.reason if plan.copy > 1 else "",
                codes=list(plan.codes),
                printed_at=at,
                printed_by=by.name,
                event_id=event.id,
            )
            for number, plan in zip(numbers, plans, strict=True)
        )


def _refuse_impossible(details: PrintDetails) -> None:
    problems: dict[str, str] = {}
    count = sum(wanted.count for wanted in details.labels)
    if not count:
        problems["labels"] = _("Choose at least one label.")
    if count > MOST_AT_ONCE:
        problems["labels"] = ngettext(
            "At most %(most)d label at once.", "At most %(most)d labels at once.", MOST_AT_ONCE
        ) % {"most": MOST_AT_ONCE}
    if details.paper not in Paper.values or details.reason not in ("", *ReprintReason.values):
        problems["paper"] = _("Choose from the list.")
    for wanted in details.labels:
        is_band = wanted.kind == LabelKind.WRISTBAND.value
        if is_band != (wanted.size == LabelSize.WRISTBAND.value) or is_band != (wanted.item is None):
            problems["size"] = _("A wristband has its own size; an item has one of the others.")
    if not problems and len({wanted.size for wanted in details.labels}) > 1:
        problems["size"] = _("One print has labels of one size.")
    measure = MEASURES[details.labels[0].size] if details.labels and not problems else None
    if measure is not None and details.paper == Paper.SHEET.value:
        if not measure.a_sheet:
            problems["paper"] = _("A wristband is longer than a sheet is wide: use the label printer.")
        elif details.start > measure.a_sheet:
            problems["start"] = _("A sheet has %(count)d labels of this size.") % {"count": measure.a_sheet}
    if problems:
        raise Invalid("invalid_input", " ".join(problems.values()), fields=problems)


def _band(journey: Journey, details: PrintDetails) -> Wristband | None:
    """The wristband of this print: the one worn, or a new one that isn't saved yet."""
    if all(wanted.kind != LabelKind.WRISTBAND.value for wanted in details.labels):
        return None
    worn = Wristband.objects.filter(journey=journey, replaced_at=None).first()
    if worn is not None and not details.replaces:
        return worn
    if worn is not None and not details.reason:
        raise _reason_missing()
    code = wristband_code(secrets.choice)
    return Wristband(journey=journey, center_id=journey.center_id, code=code)


def _wear(journey: Journey, band: Wristband, *, at: datetime, event_id: int) -> None:
    """Keep a new wristband and take the one before out of use."""
    if band._state.adding:
        Wristband.objects.filter(journey=journey, replaced_at=None).update(replaced_at=at)
        band.made_at, band.event_id = at, event_id
        band.save()


def _plans(journey: Journey, details: PrintDetails, band: Wristband | None) -> list[_Plan]:
    items = {item.number: item for item in _items(journey, details)}
    plans: list[_Plan] = []
    before: dict[tuple[int | None, str], int] = {}
    for wanted in details.labels:
        item = items[wanted.item] if wanted.item is not None else None
        codes = codes_on(wanted.size, content_of(item)) if item is not None else (band.code if band else "",)
        for _each in range(wanted.count):
            key = (wanted.item, wanted.size)
            copies = before.get(key, _copies(journey, wanted, item, band))
            plans.append(_Plan(wanted, item, copies + 1, codes))
            before[key] = copies + 1
    if not details.reason and any(plan.copy > 1 for plan in plans):
        raise _reason_missing()
    return plans


def _copies(journey: Journey, wanted: LabelWanted, item: CustodyItem | None, band: Wristband | None) -> int:
    """How many labels of this thing and size were printed before."""
    known = Label.objects.filter(journey=journey, size=wanted.size)
    if item is not None:
        return known.filter(item=item).count()
    return known.filter(wristband=band).count() if band is not None and not band._state.adding else 0


def _items(journey: Journey, details: PrintDetails) -> list[CustodyItem]:
    wanted = {each.item for each in details.labels if each.item is not None}
    found = list(
        CustodyItem.objects.filter(journey=journey, number__in=wanted, struck_at=None).select_related(
            "center", "journey__chain_of_identity"
        )
    )
    if len(found) < len(wanted):
        sentence = _("An item to be labeled isn't on record for this child.")
        raise Conflict("unknown_item", sentence, fields={"labels": sentence})
    return found


def _reason_missing() -> Invalid:
    sentence = _("Such a label was printed before. Say why it is printed again.")
    return Invalid("reason_missing", sentence, fields={"reason": sentence})


def labels_account(*, journey_id: UUID, details: AccountDetails, by: Actor, at: datetime) -> list[Label]:
    """Say what became of printed labels: applied, spoiled or destroyed.

    Raises `Invalid` for numbers that aren't known, `Conflict` `label_accounted` for labels that are no longer
    open, `before_printing` for a time before the print, and for what stands against applying a label: it is
    a step of custody.
    """
    if details.state not in (LabelState.APPLIED, LabelState.SPOILED, LabelState.DESTROYED):
        raise Invalid("invalid_input", _("Not a state."), fields={"state": _("Choose from the list.")})
    with journey_locked(journey_id) as journey:
        labels = _labels(journey, details.labels)
        if any(label.state != LabelState.PRINTED for label in labels):
            raise Conflict("label_accounted", _("One of these labels is accounted for already."))
        if any(at < label.printed_at for label in labels):
            sentence = _("A label is accounted for after it was printed.")
            raise Conflict("before_printing", sentence, fields={"at": sentence})
        labeled = {label.item.number: label.item for label in labels if label.item is not None}
        if details.state == LabelState.APPLIED.value:
            require_all(labeled.values(), step=Step.LABEL_APPLIED, at=at)
        items = sorted(labeled)
        facts = asdict(details) | {"items": items}
        (event,) = append(journey_id, [NewEvent(EventKind.LABEL_ACCOUNTED, at, facts)], by=by)
        Label.objects.filter(pk__in=[label.pk for label in labels]).update(
            state=details.state,
            accounted_at=at,
            accounted_by=by.name,
            note=details.note,
            accounted_event_id=event.id,
        )
        return _labels(journey, details.labels)


def _labels(journey: Journey, numbers: Sequence[int]) -> list[Label]:
    found = list(
        Label.objects.filter(journey=journey, number__in=numbers).select_related("item").order_by("number")
    )
    if not found or len(found) < len(set(numbers)):
        sentence = _("Choose labels of this child.")
        raise Invalid("invalid_input", sentence, fields={"labels": sentence})
    return found


def account_strike(*, label_id: UUID, reason: str, by: Actor, at: datetime) -> list[Label]:
    """Take back what was said of a label and of those accounted for with it: they are open again."""
    known = Label.objects.get(pk=label_id)
    with journey_locked(known.journey_id):
        label = Label.objects.get(pk=label_id)
        if label.accounted_event_id is None:
            raise Conflict("already_struck", _("This label is open."))
        together = Label.objects.filter(
            journey_id=label.journey_id, accounted_event_id=label.accounted_event_id
        )
        numbers = [each.pk for each in together]
        event_strike(label.journey_id, label.accounted_event_id, reason=reason, by=by, at=at)
        together.update(
            state=LabelState.PRINTED, accounted_at=None, accounted_by="", note="", accounted_event_id=None
        )
        return list(Label.objects.filter(pk__in=numbers).order_by("number"))


def label_setting_save(*, center: Center, details: SettingDetails, by: Actor, at: datetime) -> LabelSetting:
    """Keep what every label of a center says."""
    row, _made = LabelSetting.objects.update_or_create(
        center=center, defaults={**asdict(details), "set_at": at, "set_by": by.name}
    )
    return row


def product_words_save(
    *, center: Center, product_code: str, words: str, by: Actor, at: datetime
) -> ProductWords:
    """Keep what a product code of the center's licensed list says in words."""
    row, _made = ProductWords.objects.update_or_create(
        center=center,
        product_code=product_code,
        defaults={"words": words, "set_at": at, "set_by": by.name},
    )
    return row
