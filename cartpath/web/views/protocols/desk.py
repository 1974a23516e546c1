"""What the pages of a working copy share: who may change it, on which state it was decided, the way back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Stale
from cartpath.core.forms import attempt
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.editions import edition_preview
from cartpath.protocols.models import ProtocolEdition
from cartpath.web.edition_forms import changed_since, is_same_copy
from cartpath.web.selectors.edition import working_copy, working_edition
from cartpath.web.selectors.protocol_values import label_text
from cartpath.web.selectors.protocol_versions import protocol_line

Act = Callable[[ProtocolEdition, datetime], object]


def require_approval(request: PersonRequest) -> None:
    """Raise `Forbidden` unless the person may decide about the rules of the center they work in."""
    require(request.user, Permission.APPROVE_RULES, request.center.pk)


def decide(request: PersonRequest, protocol_id: str, form: forms.BaseForm, act: Act) -> bool:
    """Make a decision on the working copy as the person saw it; a refusal becomes errors of the form.

    Whoever decides on a state that somebody else has changed meanwhile is refused and told what changed:
    two windows never overwrite each other.
    """
    return form.is_valid() and attempt(form, lambda: _unchanged(request, protocol_id, act)) is not None


@transaction.atomic
def _unchanged(request: PersonRequest, protocol_id: str, act: Act) -> bool:
    edition = working_edition(request.center, protocol_id)
    if edition is not None:
        edition = ProtocolEdition.objects.select_for_update().filter(pk=edition.pk).first()
    seen = request.POST.get("seen", "")
    if edition is None or edition.is_published or not is_same_copy(edition, seen):
        raise Stale("stale", _("The working copy you had before you is gone: it was published or discarded."))
    changed = changed_since(edition, seen)
    if changed:
        raise Stale("stale", _stale_words(request, edition, changed))
    act(edition, timezone.now())
    return True


def _stale_words(request: PersonRequest, edition: ProtocolEdition, changed: list[str]) -> str:
    """What changed since the person's page was opened: rule, what was done, by whom."""
    current = protocol_line(request.user, request.center, edition.protocol_id).protocol
    known = {each.row_id: each for each in working_copy(edition, current).decisions}
    told = []
    for row_id in changed:
        decision = known.get(row_id)
        if decision is None:
            told.append(_("%(rule)s: the decision was taken back") % {"rule": _label(edition, row_id)})
        else:
            named = {"rule": decision.label, "act": decision.approval.act, "by": decision.approval.by}
            told.append(_("%(rule)s: %(act)s by %(by)s") % named)
    return _("The working copy changed since you opened this page, so nothing was saved. %(what)s.") % {
        "what": "; ".join(told)
    }


def _label(edition: ProtocolEdition, row_id: str) -> str:
    row = rows_by_id(edition_preview(edition).protocol).get(row_id)
    return label_text(row) if row else row_id


def back(request: PersonRequest, protocol_id: str, said: str) -> HttpResponse:
    """Say what was done, on the page of the working copy."""
    messages.success(request, said)
    return redirect("web:edition", protocol_id=protocol_id)


def gone(request: PersonRequest, protocol_id: str) -> HttpResponse:
    """There is no working copy to change any more: say so where one can be begun."""
    messages.error(request, _("There is no working copy of this protocol. Begin one first."))
    return redirect("web:edition", protocol_id=protocol_id)


def signature(request: PersonRequest) -> dict[str, Any]:
    """Whose name and which day a decision will carry."""
    return {"signer": request.user.name, "signs_on": timezone.localtime(timezone.now()).date()}
