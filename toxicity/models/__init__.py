"""The tables of the toxicity room."""

from toxicity.models.alerts import Alert
from toxicity.models.assessments import Assessment
from toxicity.models.capd import CapdWording
from toxicity.models.checks import CheckPlan, CheckSetting
from toxicity.models.dosing import DosingWeight
from toxicity.models.episodes import Episode
from toxicity.models.interventions import Intervention
from toxicity.models.lab_codes import LabCode
from toxicity.models.laboratory import HyperinflammationReview, LabSet, LabValue
from toxicity.models.observations import Observation, ObservationSet
from toxicity.models.sheets import DischargeSummary, HandOverSheet

__all__ = [
    "Alert",
    "Assessment",
    "CapdWording",
    "CheckPlan",
    "CheckSetting",
    "DischargeSummary",
    "DosingWeight",
    "Episode",
    "HandOverSheet",
    "HyperinflammationReview",
    "Intervention",
    "LabCode",
    "LabSet",
    "LabValue",
    "Observation",
    "ObservationSet",
]
