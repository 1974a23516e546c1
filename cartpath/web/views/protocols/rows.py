"""Rows of a working copy: all of them, one to be altered or retired, and a new one."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.forms import form_status, posted
from cartpath.protocols import editions
from cartpath.protocols.rows import Row
from cartpath.web.edition_forms import ADDABLE, ReasonForm, add_form, new_row, seen_mark
from cartpath.web.protocol_forms import RowForm
from cartpath.web.selectors.edition import WorkingCopy, row_chapters, row_of, working_copy
from cartpath.web.selectors.protocol import part_of
from cartpath.web.selectors.protocol_values import label_text, validity_text, value_text, words_text
from cartpath.web.selectors.protocol_versions import ProtocolLine, protocol_line
from cartpath.web.selectors.protocol_words import STATUS_LOOKS
from cartpath.web.views.protocols.desk import back, decide, gone, require_approval, signature


@page(Permission.APPROVE_RULES)
@require_safe
def show_all(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """Every row of the working copy, to choose one to alter."""
    require_approval(request)
    line = protocol_line(request.user, request.center, protocol_id)
    if line.working is None:
        return gone(request, protocol_id)
    copy = working_copy(line.working, line.protocol)
    context = {"line": line, "copy": copy, "chapters": row_chapters(copy.protocol)}
    return render(request, "web/edition_rows.html", context)


@page(Permission.APPROVE_RULES)
@require_http_methods(["GET", "POST"])
def alter(request: PersonRequest, protocol_id: str, row_id: str) -> HttpResponse:
    """Alter a row by a form made of its own fields."""
    require_approval(request)
    line = protocol_line(request.user, request.center, protocol_id)
    if line.working is None:
        return gone(request, protocol_id)
    copy = working_copy(line.working, line.protocol)
    row = row_of(copy.protocol, row_id)
    form = RowForm(posted(request), row=row)
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        reason = form.cleaned_data["reason"]
        editions.edition_alter(
            edition_id=edition.pk, row_id=row_id, values=form.values(), reason=reason, by=by, at=at
        )

    if form.is_bound and decide(request, protocol_id, form, act):
        return back(request, protocol_id, _("“%(rule)s” altered.") % {"rule": label_text(row)})
    return _row_page(request, line, copy, row, form, ReasonForm(prefix="retire"), form_status(form))


@page(Permission.APPROVE_RULES)
@require_POST
def retire(request: PersonRequest, protocol_id: str, row_id: str) -> HttpResponse:
    """Have a row do nothing any more."""
    require_approval(request)
    line = protocol_line(request.user, request.center, protocol_id)
    if line.working is None:
        return gone(request, protocol_id)
    copy = working_copy(line.working, line.protocol)
    row = row_of(copy.protocol, row_id)
    form = ReasonForm(request.POST, prefix="retire")
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        reason = form.cleaned_data["reason"]
        editions.edition_retire(edition_id=edition.pk, row_id=row_id, reason=reason, by=by, at=at)

    if decide(request, protocol_id, form, act):
        return back(request, protocol_id, _("“%(rule)s” retired.") % {"rule": label_text(row)})
    return _row_page(request, line, copy, row, RowForm(row=row), form, form_status(form))


@page(Permission.APPROVE_RULES)
@require_http_methods(["GET", "POST"])
def add(request: PersonRequest, protocol_id: str, kind: str) -> HttpResponse:
    """Add a row of the center's own."""
    require_approval(request)
    if kind not in ADDABLE:
        raise Http404
    line = protocol_line(request.user, request.center, protocol_id)
    if line.working is None:
        return gone(request, protocol_id)
    copy = working_copy(line.working, line.protocol)
    form = add_form(kind, posted(request))
    by = request.user.actor

    def act(edition: editions.ProtocolEdition, at: Any) -> None:
        editions.edition_add(
            edition_id=edition.pk,
            section=ADDABLE[kind].section,
            values=new_row(kind, form, copy.protocol),
            reason=form.cleaned_data["reason"],
            by=by,
            at=at,
        )

    if form.is_bound and decide(request, protocol_id, form, act):
        return back(request, protocol_id, _("Rule added."))
    context = signature(request) | {
        "line": line,
        "copy": copy,
        "title": part_of(ADDABLE[kind].section).title,
        "form": form,
        "seen": seen_mark(copy.edition),
    }
    return render(request, "web/edition_add.html", context, status=form_status(form))


def _row_page(
    request: PersonRequest,
    line: ProtocolLine,
    copy: WorkingCopy,
    row: Row,
    form: RowForm,
    retiring: ReasonForm,
    status: int,
) -> HttpResponse:
    decided = {each.row_id: each for each in copy.decisions}
    context = signature(request) | {
        "line": line,
        "copy": copy,
        "row": row,
        "label": label_text(row),
        "value": value_text(row),
        "text": words_text(row),
        "validity": validity_text(row),
        "row_status": STATUS_LOOKS[row.status],
        "citation": copy.protocol.cite(row),
        "decision": decided.get(row.id),
        "form": form,
        "retiring": retiring,
        "seen": seen_mark(copy.edition),
    }
    return render(request, "web/edition_row.html", context, status=status)
