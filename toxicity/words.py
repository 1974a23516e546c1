"""How the stable codes of the grading rules are said to people."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

FLAGS: Final[Mapping[str, Text]] = {
    "vasopressin_only": _("Vasopressin is the only vasopressor: check how your center counts it."),
    "inotrope_not_counted": _("An inotrope runs and is not counted as a vasopressor."),
    "hypotension_or_hypoxia_without_fever": _(
        "Hypotension or hypoxia without fever or treated CRS: look for another cause."
    ),
    "high_flow_device_at_low_flow": _("A high-flow device at 6 L/min or less is low flow by the letter."),
    "interval_under_8_h": _("Less than 8 hours since the last dose."),
    "more_than_3_in_24_h": _("This would be more than 3 doses in 24 hours."),
    "more_than_4_total": _("This would be more than 4 doses in all."),
}

DOMAINS: Final[Mapping[str, Text]] = {
    "fever": _("temperature"),
    "hypotension": _("blood pressure and vasopressors"),
    "hypoxia": _("oxygen"),
    "ice": "ICE",
    "capd": "CAPD",
    "age_years": _("age"),
    "consciousness": _("consciousness"),
    "seizure": _("seizure"),
    "motor_weakness": _("motor weakness"),
    "raised_icp": _("intracranial pressure"),
    "previous_doses": _("earlier doses"),
    "at": _("time"),
}


def flag_words(flags: list[str]) -> list[Text]:
    """Each flag in words; a code without words as it is, so that nothing is swallowed."""
    return [FLAGS.get(flag, flag) for flag in flags]


def domain_words(domains: list[str]) -> list[Text]:
    """Each domain that was not judged, in words."""
    return [DOMAINS.get(domain, domain) for domain in domains]
