"""How checks at the bedside are said."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

_MINUTES_PER_HOUR: Final = 60

CHECKS: Final[dict[str, Promise]] = {
    "vitals": gettext_lazy("Vital signs"),
    "neuro": gettext_lazy("ICE or CAPD"),
    "laboratory": pgettext_lazy("check", "Blood"),
    "weight": gettext_lazy("Weight"),
}


def every_text(minutes: int) -> str:
    """*every 4 h*, *every 90 min*."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if rest:
        return _("every %(minutes)d min") % {"minutes": minutes}
    return ngettext("every hour", "every %(hours)d h", hours) % {"hours": hours}


def because_text(reason: str) -> str:
    """Why a rhythm holds: the state of the child, a person's decision, or a row of the protocol by its id."""
    return str(_BECAUSE.get(reason, reason))


_BECAUSE: Final[dict[str, str | Promise]] = {
    "usual": gettext_lazy("usual rhythm"),
    "fever": gettext_lazy("fever"),
    "tachycardia": gettext_lazy("fast heart"),
    "crs": "CRS",
    "icans": "ICANS",
    "person": gettext_lazy("set for this child"),
}
