"""How interventions are said to people."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toxicity.crs_fields import DEVICES
from toxicity.enums import Agent, Vasopressor
from toxicity.models import Intervention

Text = str | Promise
DEVICE_WORDS: Final[dict[str, Text]] = dict(DEVICES)
WEIGHT_ORIGINS: Final[dict[str, Text]] = {
    "dosing_weight": _("dosing weight"),
    "measured": _("last weight measured"),
}


def drug_text(agent: str, drug: str) -> Text:
    """The drug of a group in words: a vasopressor by its name, everything else as it was written."""
    if agent == Agent.VASOPRESSOR and drug in Vasopressor.values:
        return Vasopressor(drug).label
    return drug


def name_text(each: Intervention) -> Text:
    """What was given: the drug where the agent is a group, else the agent."""
    return drug_text(each.agent, each.drug) or Agent(each.agent).label
