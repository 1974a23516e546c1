"""A center's own edition of a protocol: begun as a working copy, decided on row by row, then published."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import attempt, form_status
from cartpath.protocols import editions
from cartpath.protocols.apply import rows_by_id
from cartpath.web.edition_forms import ApproveForm, ReasonForm, StartForm, seen_mark
from cartpath.web.selectors.edition import WorkingCopy, shipped_versions, working_copy
from cartpath.web.selectors.protocol_versions import ProtocolLine, protocol_line
from cartpath.web.views.protocols.desk import back, decide, gone, require_approval, signature
from cartpath.web.views.protocols.tabs import protocol_tabs


@page(Permission.ENTER)
@require_safe
def show(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """The center's working copy with everything decided in it, or how to begin one."""
    return _desk(request, protocol_line(request.user, request.center, protocol_id))


@page(Permission.APPROVE_RULES)
@require_POST
def start(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Begin a working copy on a shipped version; the current edition's decisions come along."""
    require_approval(request)
    form = StartForm(request.POST, versions=shipped_versions(protocol_id))
    if form.is_valid():
        begun = attempt(
            form,
            lambda: editions.edition_start(
                center=request.center,
                protocol_id=protocol_id,
                by=request.user.actor,
                at=timezone.now(),
                **form.cleaned_data,
            ),
        )
        if begun is not None:
            return back(request, protocol_id, _("Working copy begun. It does nothing until it is published."))
    return _desk(request, protocol_line(request.user, request.center, protocol_id), start=form)


@page(Permission.APPROVE_RULES)
@require_POST
def approve(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Approve drafts, several at once, for one reason."""
    require_approval(request)
    line = protocol_line(request.user, request.center, protocol_id)
    copy = _copy(line)
    if copy is None:
        return gone(request, protocol_id)
    form = _approve_form(copy, request.POST)
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        for row_id in form.cleaned_data["rows"]:
            editions.edition_approve(
                edition_id=edition.pk, row_id=row_id, reason=form.cleaned_data["reason"], by=by, at=at
            )

    if decide(request, protocol_id, form, act):
        count = len(form.cleaned_data["rows"])
        said = ngettext("%(count)d rule approved.", "%(count)d rules approved.", count) % {"count": count}
        return back(request, protocol_id, said)
    return _desk(request, line, approve=form)


@page(Permission.APPROVE_RULES)
@require_POST
def publish(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Publish: new acceptances are pinned to it, and nothing can change it any more."""
    require_approval(request)
    form = ReasonForm(request.POST, prefix="publish")
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        reason = form.cleaned_data["reason"]
        editions.edition_publish(edition_id=edition.pk, reason=reason, by=by, at=at)

    if decide(request, protocol_id, form, act):
        line = protocol_line(request.user, request.center, protocol_id)
        said = _("Published as version %(version)s. New acceptances are pinned to it.")
        back(request, protocol_id, said % {"version": line.protocol.version})
        return redirect("web:protocol", protocol_id=protocol_id, version=line.protocol.version)
    return _desk(request, protocol_line(request.user, request.center, protocol_id), publish=form)


@page(Permission.APPROVE_RULES)
@require_POST
def discard(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Throw the working copy away."""
    require_approval(request)
    form = forms.Form(request.POST)
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        editions.edition_discard(edition_id=edition.pk, by=by, at=at)

    if decide(request, protocol_id, form, act):
        return back(request, protocol_id, _("Working copy discarded. Nothing else changed."))
    return _desk(request, protocol_line(request.user, request.center, protocol_id), refused=form)


@page(Permission.APPROVE_RULES)
@require_POST
def forget(request: PersonRequest, protocol_id: str, row_id: str) -> HttpResponse:
    """Take a decision about a row back."""
    require_approval(request)
    form = forms.Form(request.POST)
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        editions.edition_forget(edition_id=edition.pk, row_id=row_id, by=by, at=at)

    if decide(request, protocol_id, form, act):
        return back(request, protocol_id, _("Decision taken back."))
    return _desk(request, protocol_line(request.user, request.center, protocol_id), refused=form)


def _copy(line: ProtocolLine) -> WorkingCopy | None:
    return working_copy(line.working, line.protocol) if line.working else None


def _approve_form(copy: WorkingCopy, typed: Any = None) -> ApproveForm:
    """Takes any rule: whether it still is a draft is asked under the lock, where a stale page is told why."""
    return ApproveForm(typed, rows=rows_by_id(copy.protocol))


def _desk(request: PersonRequest, line: ProtocolLine, **given: forms.BaseForm) -> HttpResponse:
    """The page, with a form that came back with errors in its place."""
    copy = _copy(line)
    returned = next(iter(given.values()), None)
    context = signature(request) | {
        "line": line,
        "copy": copy,
        "tabs": protocol_tabs(request, line.protocol),
        "may_approve": request.user.may(Permission.APPROVE_RULES, request.center.pk),
        "of_region": line.protocol.product.region == request.center.region,
        "start": given.get("start") or StartForm(versions=shipped_versions(line.id)),
        "refused": returned,
    }
    if copy is not None:
        context |= {
            "seen": seen_mark(copy.edition),
            "approve": given.get("approve") or _approve_form(copy),
            "publish": given.get("publish") or ReasonForm(prefix="publish"),
        }
    status = form_status(returned) if returned else 200
    return render(request, "web/edition.html", context, status=status)
