"""Pages about agreements, guardians and the hospital near home."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, NotFound
from cartpath.core.forms import posted
from patients import consents, guardians
from patients.consent_forms import ConsentForm, WithdrawalForm
from patients.family_forms import GuardianForm, HomeHospitalForm
from patients.http import journey_page
from patients.models import Guardian, Journey
from patients.overview import ELIGIBILITY, PATIENT
from patients.pages import FormPage, answer

CONSENT = FormPage(
    title=_("Consent"), submit=_("Record consent"), done=_("Consent recorded."), anchor=ELIGIBILITY
)
WITHDRAWAL = FormPage(
    title=_("Consent withdrawn"),
    submit=_("Record the withdrawal"),
    done=_("Withdrawal recorded."),
    anchor=PATIENT,
    danger=True,
    consequence=_(
        "The agreement no longer holds. The journey goes on until somebody closes it; the ledger keeps both."
    ),
)
GUARDIAN = FormPage(
    title=_("Guardian"),
    intro=_("Who decides for the child by law. Whom to call stands under contacts."),
    submit=_("Record guardian"),
    done=_("Guardian recorded."),
    anchor=PATIENT,
)
HOME_HOSPITAL = FormPage(
    title=_("Home hospital"),
    intro=_("The hospital near the child's home, and what it does for us."),
    submit=_("Record home hospital"),
    done=_("Home hospital recorded."),
    anchor=PATIENT,
)


@journey_page(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def consent_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a consent or assent."""
    now = timezone.now()
    known = guardians.guardians_on(journey.patient, journey.center.local_day(now))
    form = ConsentForm(posted(request), guardians=[row.name for row in known])
    return answer(
        request,
        journey,
        form,
        lambda: consents.consent_record(
            journey_id=journey.pk, consent=form.consent(), by=request.user.actor, at=now
        ),
        page=CONSENT,
        at=now,
    )


@journey_page(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def consent_withdraw(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record that an agreement was withdrawn."""
    kinds = consents.withdrawable(journey)
    if not kinds:
        raise Conflict("nothing_to_withdraw", gettext("No agreement holds that could be withdrawn."))
    now = timezone.now()
    form = WithdrawalForm(posted(request), now=now, kinds=kinds)
    return answer(
        request,
        journey,
        form,
        lambda: consents.consent_withdraw(
            journey_id=journey.pk, withdrawal=form.withdrawal(), by=request.user.actor, at=now
        ),
        page=WITHDRAWAL,
        at=now,
    )


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def guardian_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record a guardian."""
    return _guardian(request, journey, GuardianForm(posted(request)))


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def guardian_change(request: PersonRequest, journey: Journey, guardian_id: int) -> HttpResponse:
    """Change or end what is recorded of a guardian, with a reason."""
    known = Guardian.objects.filter(pk=guardian_id, patient=journey.patient).first()
    if known is None:
        raise NotFound
    return _guardian(request, journey, GuardianForm(posted(request), known=known))


def _guardian(request: PersonRequest, journey: Journey, form: GuardianForm) -> HttpResponse:
    now = timezone.now()
    return answer(
        request,
        journey,
        form,
        lambda: guardians.guardian_change(
            journey_id=journey.pk,
            guardian=form.details(),
            reason=form.cleaned_data.get("reason", ""),
            by=request.user.actor,
            at=now,
        ),
        page=GUARDIAN,
        at=now,
    )


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def home_hospital(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the hospital near home, or what changed about it."""
    now = timezone.now()
    form = HomeHospitalForm(posted(request), known=guardians.home_hospital_of(journey.patient))
    return answer(
        request,
        journey,
        form,
        lambda: guardians.home_hospital_record(
            journey_id=journey.pk, hospital=form.details(), by=request.user.actor, at=now
        ),
        page=HOME_HOSPITAL,
        at=now,
    )
