"""What a person was told and has not seen, with why it came to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.reminders.models import Delivery, Reminder
from cartpath.reminders.selectors import notices_for
from cartpath.web.components import DueState
from cartpath.web.due import STATES
from cartpath.web.wording import moment_text, number_text


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice. `why` says why it came to this person and now, where that is not plain."""

    delivery: Delivery
    reminder: Reminder
    state: DueState
    due: date | datetime
    names_child: bool
    is_late: bool
    why: Sequence[str]


def notice_rows(user: User, *, at: datetime) -> list[NoticeRow]:
    """The person's unread notices, the newest first. One query."""
    visible = set(user.centers_for(Permission.VIEW_PATIENTS))
    return [_row(delivery, visible, at) for delivery in notices_for(user)]


def _row(delivery: Delivery, visible: set[int], at: datetime) -> NoticeRow:
    reminder = delivery.reminder
    timing = reminder.timing(at)
    return NoticeRow(
        delivery=delivery,
        reminder=reminder,
        state=STATES[timing] if timing else "done",
        due=reminder.due_on or reminder.due_at,
        names_child=reminder.center_id in visible,
        is_late=delivery.is_late(),
        why=[said for said in (_passed_on(delivery), _in_place_of(delivery), _late(delivery)) if said],
    )


def _passed_on(delivery: Delivery) -> str:
    if not delivery.rung:
        return ""
    ladder = delivery.reminder.ladder
    role = Role(delivery.reminder.role).label
    if delivery.rung > len(ladder):
        return _("passed on to you: %(role)s has not done it") % {"role": role}
    hours, _role = ladder[delivery.rung - 1]
    said = _("passed on to you: not done by %(role)s %(hours)s h after its window")
    return said % {"role": role, "hours": number_text(hours)}


def _in_place_of(delivery: Delivery) -> str:
    if delivery.stands_in_for is not None:
        return _("you stand in for %(name)s") % {"name": delivery.stands_in_for.name}
    return _("nobody who holds the role is there") if delivery.is_fallback else ""


def _late(delivery: Delivery) -> str:
    if not delivery.is_late():
        return ""
    return _("told late: it was meant for %(at)s") % {"at": moment_text(delivery.meant_at)}
