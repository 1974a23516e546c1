"""Whether somebody may be collected at a time: the washout of the child, the readiness of a donor."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict
from cartpath.core.said import said_text
from leukapheresis.records import donor_readiness_record, washout_record
from leukapheresis.selectors import washout_of
from patients.donor_rules import DonorReadiness
from patients.donors import donor_ready, needs_donor
from patients.eligibility import protocol_for
from patients.models import Journey
from patients.provenance import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What was found for the start of a collection; `override_reason` is kept only where it was needed."""

    washout_open: bool
    override_reason: str
    record: Record


def judged(
    journey: Journey, starts_at: datetime, *, override_reason: str, by: Actor, at: datetime
) -> Judgment:
    """Judge the start of a collection by the rules of the day, or refuse it.

    Raises `Conflict` `washout_open` or `donor_positive` (unless `override_reason` is given), and
    `donor_not_ready` for a donor without record, consent or serology in date.
    """
    override_reason = override_reason.strip()
    protocol = protocol_for(journey)
    donor = _donor_for(journey, starts_at, override_reason=override_reason)
    if donor is not None:
        reason = override_reason if donor.positive else ""
        record = donor_readiness_record(
            journey, protocol, donor, starts_at=starts_at, override_reason=reason, by=by
        )
        return Judgment(washout_open=False, override_reason=reason, record=record)
    washout = washout_of(journey, on=journey.center.local_day(at))
    is_open = washout.is_open(starts_at)
    if is_open and not override_reason:
        raise Conflict("washout_open", washout.sentence(journey.center.zone))
    reason = override_reason if is_open else ""
    record = washout_record(journey, protocol, washout, starts_at=starts_at, override_reason=reason, by=by)
    return Judgment(washout_open=is_open, override_reason=reason, record=record)


def _donor_for(journey: Journey, starts_at: datetime, *, override_reason: str) -> DonorReadiness | None:
    """The donor as found for the day of a collection; None where the child is collected."""
    if not needs_donor(journey):
        return None
    found = donor_ready(journey, on=journey.center.local_day(starts_at))
    if found.missing:
        raise Conflict("donor_not_ready", " ".join(said_text(each) for each in found.missing))
    if found.positive and not override_reason:
        raise Conflict(
            "donor_positive",
            " ".join(said_text(each) for each in found.positive),
            fields={"override_reason": _("Say why this donor is collected all the same.")},
        )
    return found
