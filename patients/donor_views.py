"""Pages about the donor of a journey."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from patients.consent_forms import DonorConsentForm
from patients.donor_forms import DonorForm
from patients.donor_panel import ANCHOR
from patients.donors import donor_consent_record, donor_of, donor_record, needs_donor
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

RECORD = FormPage(
    title=_("Donor"),
    intro=_("The donor is another person than the child. Leave empty what isn't known: it stays unknown."),
    submit=_("Record donor"),
    done=_("Donor recorded."),
    anchor=ANCHOR,
    template="patients/donor.html",
)
CONSENT = FormPage(
    title=_("Consent to the donation"),
    submit=_("Record consent"),
    done=_("Consent of the donor recorded."),
    anchor=ANCHOR,
    template="patients/donor_consent.html",
)


@journey_page(Permission.EDIT_PATIENT)
@require_http_methods(["GET", "POST"])
def donor(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the donor, or change the record with a reason."""
    _refuse_own_cells(journey)
    now = timezone.now()
    known = donor_of(journey)
    form = DonorForm(posted(request), now=now, known=known)
    return answer(
        request,
        journey,
        form,
        lambda: donor_record(
            journey_id=journey.pk,
            donor=form.details(),
            reason=form.cleaned_data.get("reason", ""),
            by=request.user.actor,
            at=now,
        ),
        page=RECORD,
        at=now,
    )


@journey_page(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def donor_consent(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the consent to the donation."""
    _refuse_own_cells(journey)
    now = timezone.now()
    form = DonorConsentForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: donor_consent_record(
            journey_id=journey.pk, consent=form.consent(), by=request.user.actor, at=now
        ),
        page=CONSENT,
        at=now,
        donor=donor_of(journey),
    )


def _refuse_own_cells(journey: Journey) -> None:
    """A product of the child's own cells has no page about a donor."""
    if not needs_donor(journey):
        raise NotFound
