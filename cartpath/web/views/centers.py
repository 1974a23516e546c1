"""Which of the person's centers the pages are about."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.web.middleware import SESSION_KEY


@page(Permission.ENTER)
@require_POST
def switch_center(request: PersonRequest) -> HttpResponse:
    """Work in another of one's own centers from now on."""
    wanted = request.POST.get("center", "")
    if wanted not in {str(center_id) for center_id in request.user.center_ids}:
        raise PermissionDenied
    request.session[SESSION_KEY] = int(wanted)
    target = request.POST.get("next", "")
    return redirect(target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "web:today")
