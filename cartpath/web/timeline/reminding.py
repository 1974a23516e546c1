"""Reminders that were put off, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, joined, labeled, moment


def _snoozed(names: Names, data: Data) -> Said:
    until = labeled(_("until"), moment(data.get("until")))
    return Said(labeled(_("Put off:"), names.item(data.get("item", ""))), joined([until, data.get("reason")]))


TELL: Final[Mapping[EventKind, Tell]] = {EventKind.REMINDER_SNOOZED: _snoozed}
ICONS: Final[Mapping[EventKind, str]] = {EventKind.REMINDER_SNOOZED: "clock"}
