"""The top alert of a child on every page about it: built in like `cartpath`."""

from datetime import datetime
from typing import Any

from django import template

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.models import Journey
from toxicity.alerts.selectors import standing_group

register = template.Library()


@register.inclusion_tag("toxicity/alerts/bar.html", takes_context=True)
def alert_bar(context: dict[str, Any], journey: object, at: object) -> dict[str, Any]:
    """The one top alert, how many stand beside it, and the way to answer. Nothing without an alert.

    Only a child in acute monitoring costs a query; a page without a journey shows nothing.
    """
    if not isinstance(journey, Journey) or not isinstance(at, datetime):
        return {"group": None}
    user = context["request"].user
    may_answer = isinstance(user, User) and user.may(Permission.ANSWER_ALERT, journey.center_id)
    return {"group": standing_group(journey), "journey": journey, "at": at, "may_answer": may_answer}
