"""What two people scanned at the bedside, held against the child, the bags, the order and the certificate."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from infusion.bedside.bags import expected_of, known_bags
from infusion.bedside.inputs import Scan
from infusion.bedside.matching import BagSeen, Match, Worn, match
from manufacturing.custody.selectors import bags_of
from manufacturing.models import CustodyItem, ScanStop
from manufacturing.scanning.rules.reading import read_code
from manufacturing.scanning.selectors import items_read, wristband_read
from manufacturing.scanning.services import scan_stop
from manufacturing.scanning.words import StopReason
from manufacturing.selectors import usable_batch
from patients.models import Journey, Patient

# Which of the two stops, where the reason leaves it open.
_WHICH: Final[dict[tuple[str, Worn], Promise]] = {
    ("wrong_patient", "other"): _("The wristband is another child's."),
    ("wrong_patient", "this"): _("The wristband is this child's, the bag is another child's."),
    ("unreadable", "unreadable"): _("The wristband could not be read."),
    ("unreadable", "this"): _("The code on the bag could not be read."),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The match of a scan, with the bag it's about; `stop` is how a mismatch was kept."""

    match: Match
    bag: CustodyItem | None
    worn: Worn
    stop: ScanStop | None = None

    @property
    def reason(self) -> StopReason | None:
        """The gravest reason to stop."""
        return StopReason(self.match.reasons[0]) if self.match.reasons else None

    @property
    def explanation(self) -> str:
        """Whether the wristband or the bag is what stops, in the language of who scanned."""
        return str(_WHICH.get((self.match.reasons[0], self.worn), "")) if self.match.reasons else ""


def compare(journey: Journey, scan: Scan, *, at: datetime) -> Compared:
    """Hold a scan against what is on record at a time; nothing is written."""
    batch = usable_batch(journey.pk)
    worn = _worn(journey, scan.wristband)
    found = match(
        worn=worn,
        seen=_seen(journey, scan),
        bags=known_bags(journey, batch),
        expected=expected_of(batch),
        at=at,
    )
    bag = next((each for each in bags_of(journey) if each.number == found.number), None)
    return Compared(found, bag, worn)


def bedside_scan(*, journey_id: UUID, scan: Scan, by: Actor, at: datetime) -> Compared:
    """Compare a scan; a mismatch is kept in the child's ledger as a stop, and somebody has to answer it."""
    journey = Journey.objects.select_related("patient", "center").get(pk=journey_id)
    found = compare(journey, scan, at=at)
    if found.match.is_match:
        return found
    stop = scan_stop(
        journey_id=journey_id,
        reason=found.match.reasons[0],
        read=read_text(scan),
        item_id=found.bag.pk if found.bag else None,
        explanation=found.explanation,
        by=by,
        at=at,
    )
    return replace(found, stop=stop)


def refuse_mismatch(journey: Journey, scan: Scan, item: CustodyItem, *, at: datetime) -> None:
    """Raise `Conflict`, with the reason as its code, unless a scan is of this child and this bag."""
    found = compare(journey, scan, at=at)
    reasons = list(found.match.reasons)
    if not reasons and (found.bag is None or found.bag.pk != item.pk):
        reasons = [StopReason.WRONG_BAG.value]
    if reasons:
        raise Conflict(reasons[0], str(StopReason(reasons[0]).label))


def read_text(scan: Scan) -> str:
    """What was read from the bag. A wrong wristband may name another child, who isn't told of here."""
    return " ".join(part for part in (scan.bag, scan.product) if part)


def _worn(journey: Journey, read: str) -> Worn:
    """Whose wristband it is: one printed here, or the hospital's own with the MRN."""
    text = read.strip()
    if text == journey.patient.mrn:
        return "this"
    try:
        code = read_code(text).text
    except Invalid:
        return "unreadable"
    band = wristband_read([journey.center_id], code)
    if band is not None:
        if band.journey.patient_id != journey.patient_id:
            return "other"
        return "replaced" if band.replaced_at else "this"
    stranger = Patient.objects.filter(center_id=journey.center_id, mrn=text).exists()
    return "other" if stranger else "unreadable"


def _seen(journey: Journey, scan: Scan) -> BagSeen:
    """What the bag's codes say; a bar code of the product alone completes that of the donation."""
    try:
        reads = [read_code(text) for text in (scan.bag, scan.product) if text.strip()]
    except Invalid as refusal:
        return BagSeen(problem="wrong_check" if refusal.code == "wrong_check" else "unreadable")
    if any(read.form == "wristband" for read in reads) or len({read.form for read in reads}) > 1:
        return BagSeen(problem="unreadable")
    first = reads[0]
    found = items_read([journey.center_id], first)
    elsewhere = any(item.journey.patient_id != journey.patient_id for item in found)
    if first.form == "text":
        return BagSeen(text=first.text, is_elsewhere=elsewhere)
    return BagSeen(
        din=_said(read.din for read in reads),
        product_code=_said(read.product_code for read in reads),
        division=_said(read.division for read in reads),
        problem="" if _said(read.din for read in reads) else "unreadable",
        is_elsewhere=elsewhere,
    )


def _said(texts: Iterable[str]) -> str:
    """The first of the codes that says anything."""
    return next((text for text in texts if text), "")
