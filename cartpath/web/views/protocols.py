"""The protocols, to be read like a document."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.protocols import registry
from cartpath.web.selectors.protocol import document, summaries


@page(Permission.ENTER)
@require_safe
def show_all(request: PersonRequest) -> HttpResponse:
    """Every protocol in every version."""
    return render(request, "web/protocols.html", {"protocols": summaries(registry.all_protocols())})


@page(Permission.ENTER)
@require_safe
def show(request: PersonRequest, protocol_id: str, version: str) -> HttpResponse:
    """One protocol in one version: every rule with its source and how sure it is."""
    try:
        protocol = registry.get(protocol_id, version)
    except KeyError as error:
        raise Http404 from error
    return render(request, "web/protocol.html", {"document": document(protocol)})
