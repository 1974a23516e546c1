"""Stops and holds before the infusion in words: their fields, and what one says in one line."""

from collections.abc import Callable
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.enums import Role
from cartpath.protocols.ready_rows import HoldReason, StopRule
from cartpath.protocols.rows import Row

LABELS: Final[dict[str, Promise]] = {
    "review_hours": gettext_lazy("Looked at again after"),
    "needs_note": gettext_lazy("Needs a note"),
    "stops": gettext_lazy("Conditions"),
    "roles": gettext_lazy("Roles"),
}
UNITS: Final[dict[str, str | Promise]] = {"review_hours": "h"}


def _hold(row: HoldReason) -> str:
    """*looked at again after 24 h*."""
    return _("looked at again after %(hours)d h") % {"hours": row.review_hours}


def _stop(row: StopRule) -> str:
    """*hard stop · Clinician may go on*."""
    strict = _("hard stop") if row.severity == "block" else _("to look at")
    if not row.roles:
        return _("%(strict)s; nobody goes on against it") % {"strict": strict}
    roles = ", ".join(str(Role(role).label) for role in row.roles)
    return _("%(strict)s; may go on against it: %(roles)s") % {"strict": strict, "roles": roles}


VALUES: Final[tuple[tuple[type[Row], Callable[[Any], str]], ...]] = ((HoldReason, _hold), (StopRule, _stop))
