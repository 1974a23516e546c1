"""Writes and reads of agreements: signed, withdrawn, and which of them hold on a day."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import Criterion
from patients.consent_rules import Agreement, Signature, agreements
from patients.eligibility import protocol_for
from patients.enums import ConsentKind, Stage
from patients.guardians import guardians_on
from patients.inputs import ConsentDetails, ConsentWithdrawal
from patients.models import Consent, Journey
from patients.services import journey_locked, refuse_closed

# The criterion whose values say whose agreement is needed at what age.
_CONSENT_KEY: Final = "guardian_below_years"


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One kind of agreement as it stands on a day, and everything signed of it, newest first."""

    agreement: Agreement
    label: str
    signed: Sequence[Consent]


def consent_record(*, journey_id: UUID, consent: ConsentDetails, by: Actor, at: datetime) -> Consent:
    """Record a signed consent or assent.

    A guardian's consent names one of the guardians of that day, once any with custody is recorded. Raises
    `Invalid`.
    """
    if consent.signed_on > at.date() + timedelta(days=1):
        raise Invalid(
            "invalid_input", _("Signed in the future."), fields={"signed_on": _("Give the day of signing.")}
        )
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        if consent.kind == "consent":
            _refuse_stranger(journey, consent)
        row = Consent.objects.create(journey=journey, **asdict(consent))
        append(journey_id, [NewEvent(EventKind.CONSENT_RECORDED, at, asdict(consent))], by=by)
        return row


def _refuse_stranger(journey: Journey, consent: ConsentDetails) -> None:
    """Whoever isn't a guardian on the day of signing can't consent for the child."""
    known = [row for row in guardians_on(journey.patient, consent.signed_on) if row.has_custody is not False]
    if not known or consent.given_by.casefold() in {row.name.casefold() for row in known}:
        return
    names = ", ".join(row.name for row in known)
    raise Invalid(
        "not_a_guardian",
        _("Not a guardian."),
        fields={
            "given_by": _("Guardians on that day: %(names)s. Record another one first.") % {"names": names}
        },
    )


def consent_withdraw(
    *, journey_id: UUID, withdrawal: ConsentWithdrawal, by: Actor, at: datetime
) -> list[Consent]:
    """Take back every agreement of a kind that holds on the day. What was recorded stays on record.

    Raises `Conflict` `nothing_to_withdraw` when none holds, `Invalid` for a day in the future.
    """
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        if withdrawal.withdrawn_on > journey.center.local_day(at):
            raise Invalid(
                "invalid_input",
                _("Withdrawn in the future."),
                fields={"withdrawn_on": _("Give a day that is not in the future.")},
            )
        standing = list(
            journey.consents.select_for_update().filter(
                kind=withdrawal.kind, withdrawn_on=None, signed_on__lte=withdrawal.withdrawn_on
            )
        )
        if not standing:
            raise Conflict("nothing_to_withdraw", _("No agreement of this kind holds on that day."))
        for row in standing:
            row.withdrawn_on, row.withdrawn_reason = withdrawal.withdrawn_on, withdrawal.reason
            row.save(update_fields=["withdrawn_on", "withdrawn_reason"])
        append(journey_id, [NewEvent(EventKind.CONSENT_WITHDRAWN, at, asdict(withdrawal))], by=by)
        return standing


def agreement_lines(journey: Journey, *, on: date) -> list[AgreementLine]:
    """What is needed at the child's age first, then what was given besides. One query.

    The consent to a donation is the donor's and stands with the donor. A closed journey needs nothing.
    """
    given = list(journey.consents.filter(~Q(kind=ConsentKind.DONATION)).order_by("-signed_on", "-pk"))
    found = agreements(
        consent_criterion(journey, on=on),
        [Signature(kind=row.kind, signed_on=row.signed_on, withdrawn_on=row.withdrawn_on) for row in given],
        birth=journey.patient.birth_date,
        on=on,
    )
    return [
        AgreementLine(
            each, str(ConsentKind(each.kind).label), [row for row in given if row.kind == each.kind]
        )
        for each in found
    ]


def withdrawable(journey: Journey) -> list[str]:
    """Kinds of the child's side of which an agreement holds."""
    return list(
        dict.fromkeys(
            journey.consents.filter(withdrawn_on=None)
            .exclude(kind=ConsentKind.DONATION)
            .order_by("kind")
            .values_list("kind", flat=True)
        )
    )


def consent_criterion(journey: Journey, *, on: date) -> Criterion | None:
    """The criterion that says whose agreement is needed; None where there is none, or nothing is needed."""
    if journey.stage == Stage.CLOSED:
        return None
    criteria = protocol_for(journey).criteria(on)
    return next((row for row in criteria if _CONSENT_KEY in row.values), None)
