"""Writes and reads of donors: recorded and changed with a reason, consented, ready or not."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final, cast
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.schema import Protocol
from patients.donor import Donor
from patients.donor_rules import (
    DonorFacts,
    DonorReadiness,
    Serology,
    Signed,
    Signer,
    donor_readiness,
    signer_needed,
)
from patients.eligibility import protocol_for
from patients.enums import ConsentKind
from patients.inputs import DonationConsent, DonorDetails
from patients.models import Consent, Journey
from patients.services import journey_locked, refuse_closed

TESTS: Final = {"hbv": "HBV", "hcv": "HCV", "hiv": "HIV"}
_TEXTS: Final = ("hbv", "hcv", "hiv")


def donor_of(journey: Journey) -> Donor | None:
    """The donor of a journey; None while none is recorded."""
    return Donor.objects.filter(journey_id=journey.pk).first()


def needs_donor(journey: Journey) -> bool:
    """Whether the journey's product is made of a donor's cells; no query beyond the protocol's."""
    return protocol_for(journey).product.is_from_donor


def donor_record(
    *, journey_id: UUID, donor: DonorDetails, by: Actor, at: datetime, reason: str = ""
) -> Donor:
    """Record the donor, or change what is recorded: then a reason is needed, and the ledger keeps both.

    Raises `Conflict` `no_donor_needed` for a product made of the child's own cells.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        protocol_with_donor(journey)
        _refuse_impossible(journey, donor, at)
        known = donor_of(journey)
        row = asdict(donor) | {name: getattr(donor, name) or "" for name in _TEXTS}
        if known and all(_same(getattr(known, name), value) for name, value in row.items()):
            return known
        if known and not reason.strip():
            raise Invalid(
                "invalid_input", _("No reason."), fields={"reason": _("Say why the donor's record changes.")}
            )
        data = asdict(donor) | {"reason": reason or None}
        append(journey_id, [NewEvent(EventKind.DONOR_RECORDED, at, data)], by=by)
        stored, _created = Donor.objects.update_or_create(journey=journey, defaults=row)
        return stored


def donor_consent_record(*, journey_id: UUID, consent: DonationConsent, by: Actor, at: datetime) -> Consent:
    """Record the consent to the donation: the donor's own, or for a minor a guardian's."""
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        figures = protocol_with_donor(journey).collection.donor
        donor = donor_of(journey)
        if donor is None:
            raise Conflict("no_donor", _("Record the donor first."))
        if consent.signed_on > at.astimezone(journey.center.zone).date():
            raise Invalid(
                "invalid_input",
                _("Signed in the future."),
                fields={"signed_on": _("Give the day of signing.")},
            )
        needed = signer_needed(figures, birth=donor.birth_date, on=consent.signed_on)
        if consent.signer != needed:
            raise Invalid("wrong_signer", _("Signed by the wrong person."), fields={"signer": _who(needed)})
        facts = asdict(consent) | {"kind": ConsentKind.DONATION.value}
        append(journey_id, [NewEvent(EventKind.CONSENT_RECORDED, at, facts)], by=by)
        return Consent.objects.create(journey=journey, **facts)


def donor_ready(journey: Journey, *, on: date) -> DonorReadiness:
    """Whether the donor of a journey may be collected on a day, and what stands in the way."""
    donor = donor_of(journey)
    figures = protocol_for(journey).collection.donor
    return donor_readiness(figures, _facts(journey, donor) if donor else None, on)


def donor_consents(journey: Journey) -> list[Consent]:
    """The consents to the donation, newest first."""
    return list(journey.consents.filter(kind=ConsentKind.DONATION).order_by("-signed_on", "-pk"))


def serology_of(donor: Donor) -> tuple[Serology, ...]:
    """The three tests of a donor as the rules take them."""
    return tuple(
        Serology(
            name=label,
            result=cast("Any", getattr(donor, test) or None),
            tested_on=getattr(donor, f"{test}_on"),
        )
        for test, label in TESTS.items()
    )


def protocol_with_donor(journey: Journey) -> Protocol:
    """The journey's protocol. Raises `Conflict` when its product is made of the child's own cells."""
    protocol = protocol_for(journey)
    if not protocol.product.is_from_donor:
        raise Conflict("no_donor_needed", _("This product is made of the child's own cells."))
    return protocol


def _facts(journey: Journey, donor: Donor) -> DonorFacts:
    signed = [
        Signed(signer=cast("Signer", consent.signer), signed_on=consent.signed_on)
        for consent in donor_consents(journey)
    ]
    return DonorFacts(birth_date=donor.birth_date, consents=signed, serology=serology_of(donor))


def _refuse_impossible(journey: Journey, donor: DonorDetails, at: datetime) -> None:
    today = at.astimezone(journey.center.zone).date()
    problems = {}
    if donor.birth_date > today:
        problems["birth_date"] = _("The birth date must have passed.")
    if _is_the_child(journey, donor):
        problems["family_name"] = _("This is the child. The donor is another person.")
    if donor.hla_matched is not None and (donor.hla_typed is None or donor.hla_matched > donor.hla_typed):
        problems["hla_matched"] = _("Not more alleles can match than were compared.")
    for test in TESTS:
        result, tested_on = getattr(donor, test), getattr(donor, f"{test}_on")
        if (result is None) != (tested_on is None):
            problems[f"{test}_on"] = _("A result needs the day of its sample, and a day its result.")
    for name in ("hbv_on", "hcv_on", "hiv_on", "markers_on", "measured_on"):
        day = getattr(donor, name)
        if day is not None and not donor.birth_date <= day <= today:
            problems[name] = _("The day must lie between the donor's birth and today.")
    if problems:
        raise Invalid("invalid_input", _("These details are not possible."), fields=problems)


def _is_the_child(journey: Journey, donor: DonorDetails) -> bool:
    child = journey.patient
    named = (donor.family_name.casefold(), donor.given_name.casefold(), donor.birth_date)
    return named == (child.family_name.casefold(), child.given_name.casefold(), child.birth_date)


def _same(stored: object, given: object) -> bool:
    if isinstance(given, float):
        return stored is not None and round(given, 2) == float(cast("Any", stored))
    return stored == given


def _who(needed: Signer) -> str:
    if needed == "guardian":
        return _("The donor is a minor: a guardian signs.")
    return _("The donor is of age and signs in person.")
