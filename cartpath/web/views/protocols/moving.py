"""One journey is moved to another version of its protocol, with what this changes in sight."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.web.selectors.protocol_move import Move, move_of, versions_to_choose
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, back_to_panel, journey_context
from patients.protocol_move import journey_protocol_move

_PANEL = "due"


class MoveForm(forms.Form):
    """The version that was looked at, and why the journey is moved to it."""

    version = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=800,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Stands in the child's ledger with your name and the time."),
    )


@journey_page(Permission.MOVE_PROTOCOL)
@require_http_methods(["GET", "POST"])
def move(request: PersonRequest, journey: Journey) -> HttpResponse:
    """`?version=` shows what a version changes for this child; sending the reason moves the journey to it."""
    at = timezone.now()
    form = MoveForm(posted(request), initial={"version": request.GET.get("version", "")})
    if form.is_bound and form.is_valid():
        version = form.cleaned_data["version"]
        moved = attempt(
            form,
            lambda: journey_protocol_move(
                journey_id=journey.pk, by=request.user.actor, at=at, **form.cleaned_data
            ),
        )
        if moved is not None:
            said = _("Moved to version %(version)s. The plan follows it from now on.") % {"version": version}
            return back_to_panel(
                request, journey, FormPage(title=_("Protocol"), submit="", anchor=_PANEL, done=said)
            )
    version = str(form["version"].value() or "")
    context: dict[str, Any] = journey_context(journey, at) | {
        "form": form,
        "versions": versions_to_choose(journey),
        "version": version,
        "move": _looked_at(journey, version),
        "signer": request.user.name,
        "signs_on": timezone.localtime(at).date(),
    }
    return render(request, "web/journey_protocol.html", context, status=form_status(form))


def _looked_at(journey: Journey, version: str) -> Move | None:
    """What the version changes; None before one is chosen, or when there is none of that name."""
    if not version or not journey.protocol_id or version == journey.protocol_version:
        return None
    try:
        return move_of(journey, version)
    except NotFound:
        return None
