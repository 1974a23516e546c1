"""Pages of the packs for downtime."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict
from cartpath.core.forms import attempt, form_status, posted
from cartpath.papers.forms import PassphraseForm
from cartpath.papers.pack_services import NIGHT, pack_make, pack_take, passphrase_set
from cartpath.papers.selectors import pack_of, packs_of, passphrase_of, takings_of


@page(Permission.TAKE_DOWNTIME_PACK)
@require_safe
def packs(request: PersonRequest) -> HttpResponse:
    """The packs of the center the person works in, and who took them."""
    center = request.center
    require(request.user, Permission.TAKE_DOWNTIME_PACK, center.pk)
    context = {
        "packs": packs_of(center.pk),
        "passphrase": passphrase_of(center.pk),
        "takings": takings_of(center.pk),
        "night": NIGHT,
        "may_set": request.user.may(Permission.ADMINISTER, center.pk),
    }
    return render(request, "papers/packs.html", context)


@page(Permission.TAKE_DOWNTIME_PACK)
@require_POST
def make(request: PersonRequest) -> HttpResponse:
    """Make a pack now, for instance before the program is stopped for work on it."""
    require(request.user, Permission.TAKE_DOWNTIME_PACK, request.center.pk)
    try:
        pack_make(center_id=request.center.pk, by=request.user.actor, at=timezone.now())
        messages.success(request, _("The pack is made."))
    except Conflict as refusal:
        messages.error(request, refusal.message)
    return redirect("papers:packs")


@page(Permission.TAKE_DOWNTIME_PACK)
@never_cache
@require_POST
def take(request: PersonRequest, pack_id: UUID) -> HttpResponse:
    """Hand out one pack. It is a POST because it leaves a trace."""
    pack = pack_of(request.user.centers_for(Permission.TAKE_DOWNTIME_PACK), pack_id)
    try:
        content = pack_take(pack=pack, user=request.user, at=timezone.now())
    except Conflict as refusal:
        messages.error(request, refusal.message)
        return redirect("papers:packs")
    response = HttpResponse(content, content_type="application/pdf")
    day = pack.covers_from.astimezone(pack.center.zone).date().isoformat()
    response["Content-Disposition"] = f'attachment; filename="downtime-{day}.pdf"'
    return response


@page(Permission.ADMINISTER)
@never_cache
@require_http_methods(["GET", "POST"])
def passphrase(request: PersonRequest) -> HttpResponse:
    """Set what opens the packs from now on."""
    require(request.user, Permission.ADMINISTER, request.center.pk)
    form = PassphraseForm(posted(request))
    if form.is_bound and form.is_valid():
        kept = attempt(
            form,
            lambda: passphrase_set(
                center_id=request.center.pk,
                passphrase=form.cleaned_data["passphrase"],
                by=request.user.actor,
                at=timezone.now(),
            ),
        )
        if kept is not None:
            messages.success(request, _("The passphrase is set. It opens the packs made from now on."))
            return redirect("papers:passphrase")
    context = {"form": form, "passphrase": passphrase_of(request.center.pk)}
    return render(request, "papers/passphrase.html", context, status=form_status(form))
