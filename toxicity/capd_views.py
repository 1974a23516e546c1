"""The page on which a center enters its licensed wording of CAPD, or goes back to the neutral topics."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict
from cartpath.core.forms import attempt, form_status, posted
from toxicity.capd_forms import CapdWordingForm
from toxicity.capd_services import capd_wording_end, capd_wording_keep
from toxicity.models import CapdWording
from toxicity.selectors import capd_wording


@page(Permission.KEEP_WORDING)
def wording(request: PersonRequest, language: str) -> HttpResponse:
    """Enter or replace the wording in one language."""
    _refuse_elsewhere(request, language)
    current = capd_wording(request.center.pk, language)
    form = CapdWordingForm(posted(request), initial=_kept(current))
    if (
        form.is_bound
        and form.is_valid()
        and attempt(form, lambda: _keep(request, language, form)) is not None
    ):
        messages.success(request, _("The center's wording of CAPD is in use."))
        return redirect("toxicity:capd_wording", language)
    context = {
        "form": form,
        "center": request.center,
        "current": current[0] if current else None,
        "language": language,
        "languages": settings.LANGUAGES,
        "submit": _("Use this wording"),
    }
    return render(request, "toxicity/capd_wording.html", context, status=form_status(form))


@page(Permission.KEEP_WORDING)
@require_POST
def end_wording(request: PersonRequest, language: str) -> HttpResponse:
    """Go back to the neutral topics."""
    _refuse_elsewhere(request, language)
    try:
        capd_wording_end(center=request.center, language=language, by=request.user.actor, at=timezone.now())
        messages.success(request, _("The neutral topics are in use again."))
    except Conflict as refused:
        messages.warning(request, refused.message)
    return redirect("toxicity:capd_wording", language)


def _refuse_elsewhere(request: PersonRequest, language: str) -> None:
    """The right must be held in the center whose wording it is; another language doesn't exist here."""
    require(request.user, Permission.KEEP_WORDING, request.center.pk)
    if language not in dict(settings.LANGUAGES):
        raise Http404


def _kept(current: Sequence[CapdWording]) -> dict[str, Any]:
    texts = {f"topic_{each.topic}": each.text for each in current}
    return texts | {"license_statement": current[0].license_statement} if current else {}


def _keep(request: PersonRequest, language: str, form: CapdWordingForm) -> list[CapdWording]:
    return capd_wording_keep(
        center=request.center,
        language=language,
        texts=form.texts,
        license_statement=form.cleaned_data["license_statement"],
        holds_license=form.cleaned_data["holds_license"],
        by=request.user.actor,
        at=timezone.now(),
    )
