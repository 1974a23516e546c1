"""The demo center's own edition: a clinician approves three checks that ship as drafts."""

from datetime import datetime, time, timedelta
from typing import Final

from cartpath.accounts.enums import Role
from cartpath.demo.cast import Crew
from cartpath.demo.teller import Teller
from cartpath.protocols import registry
from cartpath.protocols.editions import edition_approve, edition_publish, edition_start
from cartpath.protocols.models import ProtocolEdition
from patients.protocol_move import journey_protocol_move

PROTOCOL_ID: Final = "tisagenlecleucel-eu"
PUBLISHED_AGO: Final = 40
MOVED_AGO: Final = 2
# The story whose journey was pinned before and is moved to the edition.
MOVED: Final = "deviation_used"

APPROVED: Final = {
    "check_gvhd": "Active GVHD was a reason to wait in every protocol we took part in.",
    "check_leukemia_burden": "Agreed with the leukemia board: blood count and smear on the day before.",
    "check_support_needed": "Agreed with intensive care; a warning, so that the physician decides.",
}
WHY: Final = "Checks before the infusion, agreed by the CAR T team."
WHY_MOVED: Final = "Not infused yet: the checks agreed meanwhile should hold for this child too."


def edition_told(crew: Crew, now: datetime) -> ProtocolEdition:
    """Approve and publish, before the journeys are told: those accepted later are pinned to it."""
    clinician = crew.people[Role.CLINICIAN].actor
    day = (now - timedelta(days=PUBLISHED_AGO)).astimezone(crew.center.zone).date()
    began_at = datetime.combine(day, time(15), tzinfo=crew.center.zone)
    edition = edition_start(center=crew.center, protocol_id=PROTOCOL_ID, by=clinician, at=began_at)
    for number, (row_id, reason) in enumerate(APPROVED.items(), start=1):
        at = began_at + timedelta(minutes=4 * number)
        edition_approve(edition_id=edition.pk, row_id=row_id, reason=reason, by=clinician, at=at)
    at = began_at + timedelta(minutes=30)
    return edition_publish(edition_id=edition.pk, reason=WHY, by=clinician, at=at)


def version_on(teller: Teller, accepted_at: datetime) -> str:
    """The version that was in force when a journey was accepted; empty for the one in force now."""
    shipped = registry.for_product(teller.plot.product, teller.crew.center.region)
    edition = ProtocolEdition.objects.published().filter(
        center=teller.crew.center, protocol_id=shipped.id, published_at__gt=accepted_at
    )
    return shipped.version if edition.exists() else ""


def move_told(teller: Teller) -> None:
    """One journey that was pinned before is moved to the edition."""
    if teller.plot.key == MOVED:
        edition = ProtocolEdition.objects.published().get(center=teller.crew.center, protocol_id=PROTOCOL_ID)
        day = teller.today - timedelta(days=MOVED_AGO)
        act = teller.act(Role.CLINICIAN, teller.at(day, 11))
        journey_protocol_move(version=edition.version, reason=WHY_MOVED, **act)
