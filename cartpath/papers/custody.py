"""The custody report for inspectors: the ledger of one journey on paper, complete, dated, with its own proof.

Everything on it stands in the ledger or follows from it; the words are those of the timeline. It begins with
what a replay of the chain found at the moment of printing, and ends with every event and its hash.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.core.paper.sheets import Code, Rendered, Sheet
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.models import Event
from cartpath.ledger.verify import Replay, replay
from cartpath.papers.texts import celsius, child_line, day, moment, plain, zoned
from manufacturing.custody.selectors import ItemLine, chain_of, identity_of
from manufacturing.labels.selectors import account_by_size, labels_of
from manufacturing.models import CustodyBreak, CustodyEntry, Order
from patients.banner import product_label
from patients.eligibility import protocol_for
from patients.models import Journey
from toxicity.sheets import phrases

_HASH_SHOWN: Final = 16
_K = EventKind
IDENTITY: Final = frozenset(
    {
        *(_K.CHAIN_OF_IDENTITY_SET, _K.COLLECTION_IDENTITY_VERIFIED, _K.PRODUCT_ORDERED, _K.ORDER_CHANGED),
        *(_K.IDENTITY_VERIFIED, _K.SCAN_STOPPED),
    }
)
QUALITY: Final = frozenset(
    {
        *(_K.QUALITY_RESULT_RECORDED, _K.OUT_OF_SPECIFICATION_REPORTED, _K.OUT_OF_SPECIFICATION_DECIDED),
        *(_K.PRODUCT_RELEASED, _K.RELEASE_COMPLETED, _K.PRODUCT_RECALLED, _K.MANUFACTURING_FAILED),
        *(_K.PRODUCT_RECEIVED, _K.CONSENT_RECORDED, _K.CONSENT_WITHDRAWN),
    }
)
LABELS: Final = frozenset({_K.LABELS_PRINTED, _K.LABEL_ACCOUNTED})
GIVING: Final = frozenset(
    {
        *(_K.INFUSION_HELD, _K.INFUSION_HOLD_ENDED, _K.LYMPHODEPLETION_WAIVED, _K.THAW_STARTED),
        *(_K.PREMEDICATION_GIVEN, _K.BAG_INFUSION_STARTED, _K.BAG_INFUSION_ENDED, _K.INFUSED),
        *(_K.FRACTION_INFUSED, _K.FRACTIONS_STOPPED, _K.INFUSION_REACTION_RECORDED),
    }
)
CUSTODY: Final = frozenset(
    {
        *(_K.CUSTODY_ITEM_ADDED, _K.CUSTODY_RECORDED, _K.CUSTODY_BREAK_OPENED, _K.CUSTODY_BREAK_CLOSED),
        *(_K.QUARANTINE_SET, _K.QUARANTINE_LIFTED, _K.COLLECTION_DAY_RECORDED, _K.CELLS_FROZEN),
        *(_K.CRYO_BAG_CHANGED, _K.MANUFACTURING_MILESTONE),
    }
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event with its words, and whether a later one says that it was entered in error."""

    event: Event
    title: str
    detail: str
    is_voided: bool


# Tells events of a journey in the words of its timeline: one pair of title and detail for each, as markup.
Teller = Callable[[Journey, Sequence[Event]], Sequence[tuple[str, str]]]


@cache
def teller() -> Teller:
    """The rooms above give the words: `settings.PAPER_TELLER` names who."""
    found: Teller = import_string(settings.PAPER_TELLER)
    return found


def told_events(journey: Journey) -> list[Told]:
    """Every event of a journey in its order, in words."""
    events = list(Event.objects.of(journey.pk).select_related("corrects"))
    voided = {event.corrects_id for event in events}
    return [
        Told(event, plain(title), plain(detail), event.id in voided)
        for event, (title, detail) in zip(events, teller()(journey, events), strict=True)
    ]


def chain_sentence(found: Replay) -> str:
    """`Chain intact: 214 events, 0 gaps`, or that it is broken."""
    if found.holds:
        count = found.events
        return ngettext(
            "Chain intact: %(count)d event, 0 gaps", "Chain intact: %(count)d events, 0 gaps", count
        ) % {"count": count}
    breaks = len(found.breaks)
    return ngettext(
        "The chain is broken at %(breaks)d place", "The chain is broken at %(breaks)d places", breaks
    ) % {"breaks": breaks}


def break_sentences(found: Replay) -> list[str]:
    """Each break with the number of its event."""
    return [
        _("Event %(seq)d: %(why)s.") % {"seq": each.seq, "why": said_text(each.why)} for each in found.breaks
    ]


def custody_report(journey: Journey, *, by: str, at: datetime) -> Rendered:
    """The report as the record stands at the moment of printing."""
    title = _("Custody report")
    sheet = Sheet(title=title, foot=f"{title} · {child_line(journey)} · {zoned(at)}")
    found, told = replay(journey.pk), told_events(journey)
    sheet.head(
        journey.center.name,
        _("Printed %(at)s by %(name)s. Times are those of %(zone)s.")
        % {"at": zoned(at), "name": by, "zone": journey.center.timezone},
    )
    _proof(sheet, found, at=at)
    _child(sheet, journey)
    _identity(sheet, journey, told)
    _items(sheet, journey)
    _breaks(sheet, journey)
    _events(sheet, _("Custody"), _of(told, CUSTODY))
    _events(sheet, _("Quality, release and decisions"), _of(told, QUALITY))
    _labels(sheet, journey, told)
    _events(sheet, _("Holds, waivers and infusion"), _given(told))
    sheet.new_page()
    _events(sheet, _("Every event of the record"), told, with_hash=True)
    sheet.text(
        _(
            "Each event carries the SHA-256 of all its columns and of the event before it. Whoever changes "
            "one changes every hash that follows; the last one is printed above."
        )
    )
    return sheet.render()


def _proof(sheet: Sheet, found: Replay, *, at: datetime) -> None:
    lines = break_sentences(found)
    if found.holds:
        lines = [_("Every hash of this journey was computed anew at %(at)s and agrees.") % {"at": zoned(at)}]
    sheet.note(chain_sentence(found), *lines, strong=True)
    sheet.facts(
        [
            (_("Journey"), Code(str(found.journey_id))),
            (_("Hash of the last event"), Code(found.head_hash)),
        ],
        across=1,
    )


def _child(sheet: Sheet, journey: Journey) -> None:
    protocol = protocol_for(journey)
    sheet.heading(_("Child and product"))
    sheet.facts(
        [
            (_("Name"), str(journey.patient)),
            (_("Born"), day(journey.patient.birth_date)),
            ("MRN", journey.patient.mrn),
            (_("Product"), product_label(journey.product)),
            (_("Protocol"), f"{protocol.id} {protocol.version}"),
            (_("Stage"), journey.get_stage_display()),
        ]
    )


def _identity(sheet: Sheet, journey: Journey, told: Iterable[Told]) -> None:
    sheet.heading(_("Chain of identity"))
    chain = identity_of(journey.pk)
    facts: list[tuple[str, object]] = [
        (
            _("Chain-of-identity identifier"),
            f"{chain.identifier} ({chain.get_scheme_display()}, {moment(chain.set_at)}, {chain.set_by})"
            if chain
            else None,
        )
    ]
    for order in Order.objects.filter(journey=journey).order_by("ordered_at"):
        named = (order.manufacturer_order_id, order.chain_of_identity, order.get_state_display())
        facts.append((_("Order of %(day)s") % {"day": day(order.ordered_at)}, phrases.listed(named)))
    sheet.facts(facts, across=1)
    _rows(sheet, _of(told, IDENTITY))


def _items(sheet: Sheet, journey: Journey) -> None:
    sheet.heading(_("Items and their way"))
    lines = chain_of(journey)
    told = {entry.pk for line in lines for entry in line.entries}
    others = [
        entry
        for entry in CustodyEntry.objects.filter(journey=journey).order_by("at", "event_id", "pk")
        if entry.pk not in told
    ]
    for line in lines:
        _item(sheet, line)
    if others:
        sheet.subheading(_("Steps without an item on record"))
        _steps(sheet, others)
    if not lines and not others:
        sheet.text(_("No item is on record."))


def _item(sheet: Sheet, line: ItemLine) -> None:
    item = line.item
    state = _("in quarantine") if item.is_quarantined else item.get_state_display()
    named = (item.get_kind_display(), item.label, item.product_code, item.lot, state)
    sheet.subheading(f"{item.number}. {phrases.listed(named)}")
    if line.entries:
        _steps(sheet, line.entries)
    else:
        sheet.text(_("No step is on record."))
    if line.gaps:
        sheet.text(phrases.line(_("Not on record"), phrases.listed(step.label for step in line.gaps)))


def _steps(sheet: Sheet, entries: Sequence[CustodyEntry]) -> None:
    sheet.table(
        [_("Time"), _("Step"), _("From, to, place"), "°C", _("Logger, seal, condition"), _("By, signed")],
        [
            (
                zoned(entry.at),
                entry.get_step_display(),
                phrases.listed((_way(entry), entry.place, entry.position)) or "–",
                celsius(entry.temp_min_c, entry.temp_max_c) or "–",
                phrases.listed((entry.logger, entry.seal, entry.get_condition_display(), entry.note)) or "–",
                phrases.listed((entry.recorded_by, *_signers(entry))),
            )
            for entry in entries
        ],
        parts=[2, 2, 2.4, 1.2, 2.2, 2.2],
    )


def _way(entry: CustodyEntry) -> str:
    if entry.from_holder and entry.to_holder:
        return f"{entry.from_holder} → {entry.to_holder}"
    return entry.from_holder or entry.to_holder


def _signers(entry: CustodyEntry) -> list[str]:
    return [
        phrases.listed((signature.get("name"), signature.get("meaning"))).replace(", ", ": ", 1)
        for signature in entry.signatures
    ]


def _labels(sheet: Sheet, journey: Journey, told: Iterable[Told]) -> None:
    sheet.heading(_("Labels"))
    accounts = account_by_size(labels_of(journey))
    if accounts:
        sheet.table(
            [_("Label"), _("Printed"), _("Applied"), _("Spoiled"), _("Destroyed"), _("Not accounted for")],
            [
                (
                    each.size.label,
                    *(each.account.printed, each.account.applied, each.account.spoiled),
                    *(each.account.destroyed, each.account.open),
                )
                for each in accounts
            ],
            parts=[3, 1, 1, 1, 1, 1.4],
        )
    _rows(sheet, _of(told, LABELS))


def _breaks(sheet: Sheet, journey: Journey) -> None:
    found = CustodyBreak.objects.filter(journey=journey, struck_at=None).order_by("number")
    sheet.heading(_("Breaks of the chain of custody"))
    rows = [
        (
            moment(each.found_at),
            f"{each.get_reason_display()}: {each.what}",
            f"{each.owner_name}, {day(each.due_on)}",
            phrases.listed((moment(each.closed_at), each.get_outcome_display(), each.closing_note))
            if each.closed_at
            else _("open"),
        )
        for each in found
    ]
    if rows:
        head = [_("Found"), _("What"), _("Looked after by, due"), _("Closed")]
        sheet.table(head, rows, parts=[2, 4, 2.5, 3])
    else:
        sheet.text(_("None on record."))


def _events(sheet: Sheet, heading: str, told: Sequence[Told], *, with_hash: bool = False) -> None:
    sheet.heading(heading)
    _rows(sheet, told, with_hash=with_hash)


def _rows(sheet: Sheet, told: Sequence[Told], *, with_hash: bool = False) -> None:
    if not told:
        sheet.text(_("None on record."))
        return
    head = [_("No."), _("What"), _("Occurred"), _("Recorded"), _("By")]
    parts = [0.7, 6, 2.2, 2.2, 1.8]
    if with_hash:
        head, parts = [*head, _("Hash")], [*parts, 2.7]
    sheet.table(head, [_row(each, with_hash=with_hash) for each in told], parts=parts)


def _row(each: Told, *, with_hash: bool) -> tuple[object, ...]:
    event = each.event
    words = _("%(what)s (entered in error)") % {"what": each.title} if each.is_voided else each.title
    cells = (
        str(event.seq),
        "\n".join(part for part in (words, each.detail) if part),
        zoned(event.occurred_at),
        zoned(event.recorded_at),
        event.actor_name,
    )
    return (*cells, Code(event.hash[:_HASH_SHOWN])) if with_hash else cells


def _of(told: Iterable[Told], kinds: frozenset[EventKind]) -> list[Told]:
    return [each for each in told if each.event.kind in kinds]


def _given(told: Iterable[Told]) -> list[Told]:
    """What belongs to the infusion, and whatever somebody decided against a check."""
    return [
        each
        for each in told
        if each.event.kind in GIVING
        or (each.event.kind == _K.CHECKLIST_ITEM_RECORDED and each.event.data.get("verdict") == "overridden")
    ]
