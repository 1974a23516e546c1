"""The page on which a center says what the codes and names of its own laboratory mean."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict
from cartpath.core.forms import attempt, form_status, posted
from toxicity.laboratory.catalog import CATALOG
from toxicity.laboratory.code_forms import LabCodeForm
from toxicity.laboratory.forms import unit_text
from toxicity.laboratory.own_codes import lab_code_end, lab_codes


@page(Permission.KEEP_LABORATORY_CODES)
def codes(request: PersonRequest) -> HttpResponse:
    """The codes that hold now, and one more."""
    require(request.user, Permission.KEEP_LABORATORY_CODES, request.center.pk)
    form = LabCodeForm(posted(request))

    def act() -> object:
        return form.keep(request.center, by=request.user.actor, at=timezone.now())

    if form.is_bound and form.is_valid() and attempt(form, act) is not None:
        messages.success(request, _("The laboratory's code is kept."))
        return redirect("toxicity:laboratory_codes")
    context = {
        "form": form,
        "center": request.center,
        "codes": [
            (row, CATALOG[row.analyte].label, unit_text(row.unit)) for row in lab_codes(request.center.pk)
        ],
        "submit": _("Keep"),
    }
    return render(request, "toxicity/laboratory/codes.html", context, status=form_status(form))


@page(Permission.KEEP_LABORATORY_CODES)
@require_POST
def end(request: PersonRequest, code_id: UUID) -> HttpResponse:
    """Let a code mean nothing of its own any more."""
    require(request.user, Permission.KEEP_LABORATORY_CODES, request.center.pk)
    try:
        lab_code_end(center=request.center, code_id=code_id, by=request.user.actor, at=timezone.now())
        messages.success(request, _("The code has no meaning of its own any more."))
    except Conflict as refused:
        messages.warning(request, refused.message)
    return redirect("toxicity:laboratory_codes")
