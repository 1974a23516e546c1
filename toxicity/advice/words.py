"""How the codes of suggestions are said to people."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SCALES: Final[Mapping[str, str | Promise]] = {
    "crs": "CRS",
    "icans": "ICANS",
    "label": _("The maker's label"),
    "iec_hs": "IEC-HS",
}
POPULATIONS: Final[Mapping[str, Promise]] = {
    "children": _("written for children"),
    "adults": _("adult guideline: no dose for children stated"),
    "not_stated": _("population not stated: no dose shown"),
}
