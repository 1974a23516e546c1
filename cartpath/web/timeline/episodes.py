"""Episodes of CRS and ICANS, in words."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from cartpath.ledger.kinds import EventKind
from cartpath.web.timeline.saying import Data, Names, Said, Tell, Text, joined, labeled, moment, word
from toxicity.models.episodes import Scale

_SEVERE_FROM: Final = 3


def _number(data: Data) -> Text | None:
    """Which episode it is, from the second on."""
    number = data.get("number")
    if not isinstance(number, int) or number < 2:
        return None
    return _("episode %(number)d, a recurrence") % {"number": number}


def _grade(name: str, grade: int | None, *, at_least: bool = False) -> Text:
    if grade is None:
        return labeled(name, _("unknown"))
    return labeled(name, labeled(_("at least"), str(grade)) if at_least else str(grade))


def _opened(names: Names, data: Data) -> Said:
    grade = data.get("grade")
    return Said(
        labeled(_("Episode began:"), word(Scale, data.get("scale"))),
        joined([_grade(_("grade"), grade), _number(data)]),
        "harm" if (grade or 0) >= _SEVERE_FROM else "soon",
    )


def _resolved(names: Names, data: Data) -> Said:
    at_worst = _grade(_("grade at worst"), data.get("peak_grade"), at_least=bool(data.get("peak_at_least")))
    return Said(
        labeled(_("Episode resolved:"), word(Scale, data.get("scale"))),
        joined([at_worst, labeled(_("began"), moment(data.get("onset_at"))), _number(data)]),
    )


TELL: Final[Mapping[EventKind, Tell]] = {
    EventKind.EPISODE_OPENED: _opened,
    EventKind.EPISODE_RESOLVED: _resolved,
}
ICONS: Final[Mapping[EventKind, str]] = {
    EventKind.EPISODE_OPENED: "alert-triangle",
    EventKind.EPISODE_RESOLVED: "circle-check",
}
