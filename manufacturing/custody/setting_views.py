"""The page on which a center sets signatures and temperatures."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.forms import attempt, form_status
from manufacturing.custody.doubt_forms import LimitForm, SignersForm
from manufacturing.custody.settings import SETTABLE, limit_lines, limit_set, signers_lines, signers_set
from manufacturing.custody.words import Step
from manufacturing.models import SignatureRule, TemperatureLimit
from patients.banner import product_choices


@page(Permission.SET_SIGNATURES)
@require_http_methods(["GET", "POST"])
def settings(request: PersonRequest) -> HttpResponse:
    """How many people sign each step, how cold items are kept, and who set it."""
    center = request.center
    require(request.user, Permission.SET_SIGNATURES, center.pk)
    about = request.POST.get("about", "")
    products = product_choices()[1:]
    signers = SignersForm(
        request.POST if about == "signers" else None,
        prefix="signers",
        steps=[(step, Step(step).label) for step in SETTABLE],
        products=products,
    )
    limit = LimitForm(request.POST if about == "limit" else None, prefix="limit", products=products)
    act: dict[str, Any] = {"center_id": center.pk, "by": request.user.actor, "at": timezone.now()}
    done = _saved(signers, lambda given: signers_set(**given, **act)) or _saved(
        limit, lambda given: limit_set(**given, **act)
    )
    if done:
        messages.success(request, _("Kept. It holds from now on."))
        return redirect("manufacturing:custody_settings")
    context = {
        "signers": signers,
        "limit": limit,
        "signers_lines": signers_lines(center.pk),
        "limit_lines": limit_lines(center.pk),
        "history": SignatureRule.objects.filter(center=center).order_by("-set_at", "-pk")[:50],
        "limit_history": TemperatureLimit.objects.filter(center=center).order_by("-set_at", "-pk")[:50],
    }
    status = max(form_status(signers), form_status(limit))
    return render(request, "manufacturing/custody/settings.html", context, status=status)


def _saved(form: forms.Form, act: Any) -> bool:
    return form.is_bound and form.is_valid() and attempt(form, lambda: act(form.cleaned_data)) is not None
