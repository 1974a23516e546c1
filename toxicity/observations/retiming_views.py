"""The page on which a set is moved to the time at which it was really seen."""

from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm, attempt, posted
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page
from toxicity.observations.one_set import set_picture
from toxicity.observations.retiming import observations_retime
from toxicity.observations.selectors import observation_set

RETIMING: Final = FormPage(
    title=_("Put the time right"),
    submit=_("Move to this time"),
    anchor="toxicity",
    done=_("Recorded under the right time."),
    consequence=_(
        "The values are recorded under the right time and graded anew. Under the wrong time they stay "
        "visible, struck through."
    ),
    template="toxicity/observation_strike.html",
)


class RetimingForm(PastForm):
    """When a set was really seen, and why it was entered otherwise."""

    at = MomentField(label=_("Seen at"))
    # Kept with the time in front of it, in a column of 400.
    reason = forms.CharField(label=_("What was wrong"), max_length=300)


@journey_page(Permission.OBSERVE)
def retime(request: PersonRequest, journey: Journey, set_id: UUID) -> HttpResponse:
    """Move a set to the right time, with a reason."""
    now = timezone.now()
    found = observation_set(journey.pk, set_id)
    form = RetimingForm(posted(request), now=now, initial={"at": found.observed_at})

    def act() -> object:
        return observations_retime(
            set_id=found.pk,
            observed_at=form.moment(),
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=now,
        )

    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, str(RETIMING.done))
        return redirect("toxicity:flowsheet", journey.pk)
    leave = {"cancel_url": reverse("toxicity:observation_set", args=[journey.pk, found.pk])}
    picture = set_picture(journey, found)
    return form_page(request, journey, form, page=RETIMING, at=now, picture=picture, **leave)
