"""The panels of this room on the patient page: the child, the referral and the eligibility."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.consents import agreement_lines
from patients.eligibility import EligibilityLine, eligibility_lines, eligibility_verdict, protocol_for
from patients.enums import CriterionVerdict, ReferralState, Stage
from patients.guardians import home_hospital_of
from patients.models import Journey, Measurement
from patients.panels import Offer, PanelAction, StagePanel, Text, actions_for

PATIENT: Final = "patient"
REFERRAL: Final = "referral"
ELIGIBILITY: Final = "eligibility"

ELIGIBLE: Final = _("Eligible")
MEASUREMENTS_SHOWN: Final = 12
WEIGHT_CHANGE_SHARE: Final = 0.1
# Stages in which a criterion can still be assessed.
ASSESSING: Final = frozenset({Stage.REFERRED, Stage.ACCEPTED, Stage.APHERESIS_PLANNED, Stage.COLLECTED})

_REFERRAL_TONES: Final = {
    ReferralState.SUBMITTED: "soon",
    ReferralState.DEFERRED: "info",
    ReferralState.ACCEPTED: "good",
    ReferralState.DECLINED: "",
}


def patient_panel(journey: Journey, user: User, at: datetime) -> StagePanel:
    """Contacts, agreements, and the weights and heights so far."""
    until_now = Measurement.objects.filter(patient_id=journey.patient_id, measured_at__lte=at)
    measured = list(until_now.order_by("-measured_at")[:MEASUREMENTS_SHOWN])
    weighed = [row for row in measured if row.weight_kg is not None]
    offer = {
        "measure": Offer(Permission.EDIT_PATIENT, _("Measure"), "patients:measurement_new"),
        "contact": Offer(Permission.EDIT_PATIENT, _("Add contact"), "patients:contact_new"),
        "consent": Offer(Permission.RECORD_CONSENT, _("Record consent"), "patients:consent_new"),
        "withdraw": Offer(Permission.RECORD_CONSENT, _("Withdrawn"), "patients:consent_withdraw"),
        "guardian": Offer(Permission.EDIT_PATIENT, _("Add guardian"), "patients:guardian_new"),
        "hospital": Offer(Permission.EDIT_PATIENT, _("Home hospital"), "patients:home_hospital"),
    }
    today = at.astimezone(journey.center.zone).date()
    agreements = agreement_lines(journey, on=today)
    if journey.stage == Stage.CLOSED:
        del offer["consent"]
    if journey.stage == Stage.CLOSED or not any(
        row.withdrawn_on is None for line in agreements for row in line.signed
    ):
        del offer["withdraw"]
    is_due = any(line.agreement.needs_renewal for line in agreements)
    offers = [Offer(Permission.EDIT_PATIENT, _("Edit details"), "patients:patient_change")]
    return StagePanel(
        anchor=PATIENT,
        title=_("Patient"),
        status=_("Agreement needed") if is_due else "",
        tone="soon" if is_due else "",
        template="patients/patient_panel.html",
        context={
            "measured": measured,
            "trend": [(row.measured_at, float(row.weight_kg or 0)) for row in weighed],
            "limits": _limits(weighed),
            "contacts": list(journey.patient.contacts.order_by("pk")),
            "agreements": agreements,
            "former_names": list(journey.patient.former_names.filter(was_wrong=False).order_by("until_on")),
            "guardians": list(journey.patient.guardians.order_by("name")),
            "hospital": home_hospital_of(journey.patient),
            "journey": journey,
            "on": today,
            "may_edit": user.may(Permission.EDIT_PATIENT, journey.center_id),
            "add": {name: _first(actions_for(user, journey, [each])) for name, each in offer.items()},
        },
        actions=actions_for(user, journey, offers),
    )


def _limits(weighed: Sequence[Measurement]) -> tuple[float, float] | None:
    """A tenth above and below the latest weight: beyond, an earlier weight can no longer be dosed by."""
    if not weighed:
        return None
    latest = float(weighed[0].weight_kg or 0)
    return latest * (1 - WEIGHT_CHANGE_SHARE), latest * (1 + WEIGHT_CHANGE_SHARE)


def _first(actions: tuple[PanelAction, ...]) -> PanelAction | None:
    return next(iter(actions), None)


def referral_panel(journey: Journey, user: User, at: datetime) -> StagePanel:
    """Who sent the child and why, the treatments so far, and the decision."""
    referral = journey.referral
    state = ReferralState(referral.state)
    is_eligible = journey.stage == Stage.REFERRED and _is_eligible(journey, at)
    return StagePanel(
        anchor=REFERRAL,
        title=_("Referral"),
        status=state.label,
        tone=_REFERRAL_TONES[state],
        template="patients/referral_panel.html",
        context={
            "referral": referral,
            "treatments": sorted(journey.treatments.all(), key=lambda treatment: treatment.pk),
            "performance_label": _("Performance"),
            # Asked only of a product against CD19; what was told all the same isn't hidden.
            "shows_cd19": protocol_for(journey).product.target == "CD19" or bool(referral.cd19_status),
        },
        actions=actions_for(user, journey, _referral_offers(journey, is_eligible=is_eligible)),
    )


def _is_eligible(journey: Journey, at: datetime) -> bool:
    on = at.astimezone(journey.center.zone).date()
    return eligibility_verdict(journey, on=on).overall == "eligible"


def _referral_offers(journey: Journey, *, is_eligible: bool) -> list[Offer]:
    treatment = Offer(Permission.REFER, _("Add treatment"), "patients:treatment_new")
    if journey.stage == Stage.CLOSED:
        return []
    if journey.stage != Stage.REFERRED:
        return [treatment]
    decide = Permission.DECIDE_REFERRAL
    return [
        Offer(decide, _("Accept"), "patients:accept", primary=is_eligible),
        Offer(decide, _("Defer"), "patients:defer"),
        Offer(decide, _("Decline"), "patients:decline"),
        treatment,
    ]


@dataclass(frozen=True, slots=True)
class CriteriaGroup:
    """The criteria that share a verdict."""

    verdict: str
    lines: Sequence[EligibilityLine]


def eligibility_panel(journey: Journey, user: User, at: datetime) -> StagePanel:
    """The criteria by verdict: as they count today, or once cells were collected, as they counted then."""
    lines = eligibility_lines(journey, on=judged_on(journey, at))
    status, tone = _eligibility_status(lines)
    return StagePanel(
        anchor=ELIGIBILITY,
        title=_("Eligibility"),
        status=status,
        tone=tone,
        template="patients/eligibility_panel.html",
        context={"groups": by_verdict(lines)},
        actions=actions_for(user, journey, _eligibility_offers(journey, is_complete=status == ELIGIBLE)),
    )


def judged_on(journey: Journey, at: datetime) -> date:
    """The day on which the criteria count: today, or once nothing can be assessed any more, back then.

    A finding that lapses after the collection, or after the decision when nothing was collected, says nothing
    about the child any more.
    """
    if journey.stage in ASSESSING:
        return at.astimezone(journey.center.zone).date()
    status = journey.status
    then = status.apheresis_at or status.accepted_at or status.stage_since
    return then.astimezone(journey.center.zone).date()


def by_verdict(lines: Sequence[EligibilityLine]) -> list[CriteriaGroup]:
    """In the order in which they matter: not met, unknown, waived, met; none that is empty."""
    order = (
        CriterionVerdict.NOT_MET,
        CriterionVerdict.UNKNOWN,
        CriterionVerdict.WAIVED,
        CriterionVerdict.MET,
    )
    groups = [CriteriaGroup(each.value, [line for line in lines if line.verdict == each]) for each in order]
    return [group for group in groups if group.lines]


def _eligibility_status(lines: Sequence[EligibilityLine]) -> tuple[Text, str]:
    blocking = {line.verdict for line in lines if line.severity != "info"}
    if any(line.verdict == CriterionVerdict.NOT_MET and line.severity == "block" for line in lines):
        return _("Not eligible"), "harm"
    if CriterionVerdict.UNKNOWN in blocking:
        return _("Incomplete"), "soon"
    return ELIGIBLE, "good"


def _eligibility_offers(journey: Journey, *, is_complete: bool) -> list[Offer]:
    label = _("Assess") if journey.stage in ASSESSING else _("All criteria")
    permission = Permission.ASSESS_ELIGIBILITY if journey.stage in ASSESSING else Permission.VIEW_PATIENTS
    is_next = journey.stage == Stage.REFERRED and not is_complete
    return [Offer(permission, label, "patients:eligibility", primary=is_next)]
