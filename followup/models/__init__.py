"""Tables of the follow-up room."""

from followup.models.cases import CaseStep, MalignancyCase
from followup.models.findings import AddedFindings, Infection
from followup.models.growing import ContactAttempt, HandOver, HandOverStep, Letter, Loss
from followup.models.immune import Course, ImmuneSample, Immunoglobulin, Vaccination
from followup.models.plan import ArrangedItem, ArrangedVisit
from followup.models.visits import DiseaseEvent, SkippedVisit, Visit

__all__ = [
    "AddedFindings",
    "ArrangedItem",
    "ArrangedVisit",
    "CaseStep",
    "ContactAttempt",
    "Course",
    "DiseaseEvent",
    "HandOver",
    "HandOverStep",
    "ImmuneSample",
    "Immunoglobulin",
    "Infection",
    "Letter",
    "Loss",
    "MalignancyCase",
    "SkippedVisit",
    "Vaccination",
    "Visit",
]
