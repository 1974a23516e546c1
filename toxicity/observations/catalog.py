"""What can be observed at the bedside: codes, units, ranges, and how each value is kept.

Source: LOINC and UCUM codes as in the vital signs profile of FHIR R4 and the pulse oximetry profile of US
Core (oxygen). The possible ranges are derived: what lies outside is a slip of the keyboard, and never
a judgment of normal or abnormal; those are in `limits`. Where no code was found there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

__all__ = [
    "CATALOG",
    "LOINC",
    "NEURO_CODES",
    "VITAL_CODES",
    "Entry",
    "Group",
    "Handwriting",
    "NotTakenReason",
    "ObservationCode",
    "TemperatureSite",
]

LOINC: Final = "http://loinc.org"

# How a value is kept: a number, a word from a list, or parts (points, answers, agents) with their total.
Kept = Literal["number", "word", "parts"]


class ObservationCode(models.TextChoices):
    """What is observed. The name says the unit where a number has one."""

    TEMPERATURE_C = "temperature_c", _("Temperature")
    HEART_RATE = "heart_rate", _("Heart rate")
    SYSTOLIC = "systolic", _("Systolic pressure")
    DIASTOLIC = "diastolic", _("Diastolic pressure")
    RESPIRATORY_RATE = "respiratory_rate", _("Respiratory rate")
    SPO2 = "spo2", _("Oxygen saturation")
    OXYGEN_DEVICE = "oxygen_device", _("Oxygen")
    OXYGEN_FLOW = "oxygen_flow", _("Oxygen flow")
    FIO2 = "fio2", _("Inspired oxygen")
    VASOPRESSORS = "vasopressors", _("Vasopressors")
    URINE_ML = "urine_ml", _("Urine")
    WEIGHT_KG = "weight_kg", _("Weight")
    ICE = "ice", "ICE"
    CAPD = "capd", "CAPD"
    CONSCIOUSNESS = "consciousness", _("Consciousness")
    SEIZURE = "seizure", _("Seizure")
    MOTOR_WEAKNESS = "motor_weakness", _("Deep focal motor weakness")
    RAISED_ICP = "raised_icp", _("Raised intracranial pressure")
    HANDWRITING = "handwriting", _("Handwriting")


class Group(models.TextChoices):
    """Rows of the flowsheet that stand together."""

    VITALS = "vitals", _("Vital signs")
    SUPPORT = "support", _("Support")
    BALANCE = "balance", _("Balance")
    NEURO = "neuro", _("Nervous system")


class TemperatureSite(models.TextChoices):
    """Where the temperature was taken."""

    AXILLARY = "axillary", pgettext_lazy("temperature", "Axillary")
    TYMPANIC = "tympanic", pgettext_lazy("temperature", "Tympanic")
    TEMPORAL = "temporal", pgettext_lazy("temperature", "Temporal")
    ORAL = "oral", pgettext_lazy("temperature", "Oral")
    RECTAL = "rectal", pgettext_lazy("temperature", "Rectal")
    CORE = "core", pgettext_lazy("temperature", "Core")


class Handwriting(models.TextChoices):
    """The child's sentence beside earlier ones."""

    UNCHANGED = "unchanged", pgettext_lazy("handwriting", "Unchanged")
    CHANGED = "changed", pgettext_lazy("handwriting", "Changed")
    UNABLE = "unable", pgettext_lazy("handwriting", "Can't write")


class NotTakenReason(models.TextChoices):
    """Why a vital sign could not be taken."""

    ASLEEP = "asleep", pgettext_lazy("not taken", "Asleep")
    REFUSED = "refused", pgettext_lazy("not taken", "Refused")
    AWAY = "away", pgettext_lazy("not taken", "Away")
    EQUIPMENT = "equipment", pgettext_lazy("not taken", "No equipment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One kind of observation.

    `sign` is its short name for narrow rows. `unit` is UCUM, `printed` how people write it.
    `low` and `high` bound what is possible for a number (both included), with `decimals` behind the mark.
    """

    code: ObservationCode
    sign: str | Promise
    group: Group
    kept: Kept = "number"
    unit: str = ""
    printed: str = ""
    loinc: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0

    @property
    def label(self) -> str | Promise:
        """What it is called."""
        return self.code.label


_V, _S, _B, _N = Group.VITALS, Group.SUPPORT, Group.BALANCE, Group.NEURO
_C = ObservationCode

# In the order of the flowsheet.
CATALOG: Final[Mapping[ObservationCode, Entry]] = MappingProxyType(
    {
        entry.code: entry
        for entry in (
            Entry(
                code=_C.TEMPERATURE_C,
                sign=pgettext_lazy("short", "Temp"),
                group=_V,
                unit="Cel",
                printed="°C",
                loinc="8310-5",
                low=25,
                high=45,
                decimals=1,
            ),
            Entry(
                code=_C.HEART_RATE,
                sign=pgettext_lazy("short", "HR"),
                group=_V,
                unit="/min",
                printed="/min",
                loinc="8867-4",
                low=20,
                high=300,
            ),
            Entry(
                code=_C.SYSTOLIC,
                sign=pgettext_lazy("short", "Sys"),
                group=_V,
                unit="mm[Hg]",
                printed="mmHg",
                loinc="8480-6",
                low=20,
                high=260,
            ),
            Entry(
                code=_C.DIASTOLIC,
                sign=pgettext_lazy("short", "Dia"),
                group=_V,
                unit="mm[Hg]",
                printed="mmHg",
                loinc="8462-4",
                low=10,
                high=200,
            ),
            Entry(
                code=_C.RESPIRATORY_RATE,
                sign=pgettext_lazy("short", "RR"),
                group=_V,
                unit="/min",
                printed="/min",
                loinc="9279-1",
                low=4,
                high=150,
            ),
            Entry(
                code=_C.SPO2,
                sign="SpO₂",
                group=_V,
                unit="%",
                printed="%",
                loinc="59408-5",
                low=30,
                high=100,
            ),
            Entry(code=_C.OXYGEN_DEVICE, sign=pgettext_lazy("short", "Oxygen"), group=_S, kept="word"),
            Entry(
                code=_C.OXYGEN_FLOW,
                sign=pgettext_lazy("short", "Flow"),
                group=_S,
                unit="L/min",
                printed="L/min",
                loinc="3151-8",
                low=0.1,
                high=80,
                decimals=1,
            ),
            Entry(
                code=_C.FIO2,
                sign="FiO₂",
                group=_S,
                unit="%",
                printed="%",
                loinc="3150-6",
                low=21,
                high=100,
            ),
            Entry(
                code=_C.VASOPRESSORS,
                sign=pgettext_lazy("short", "Pressors"),
                group=_S,
                kept="parts",
            ),
            Entry(
                code=_C.URINE_ML,
                sign=pgettext_lazy("short", "Urine"),
                group=_B,
                unit="mL",
                printed="mL",
                loinc="9187-6",
                low=0,
                high=5000,
            ),
            Entry(
                code=_C.WEIGHT_KG,
                sign=pgettext_lazy("short", "Weight"),
                group=_B,
                unit="kg",
                printed="kg",
                loinc="29463-7",
                low=0.3,
                high=300,
                decimals=2,
            ),
            Entry(
                code=_C.ICE,
                sign="ICE",
                group=_N,
                kept="parts",
                unit="{score}",
                low=0,
                high=10,
            ),
            Entry(
                code=_C.CAPD,
                sign="CAPD",
                group=_N,
                kept="parts",
                unit="{score}",
                low=0,
                high=32,
            ),
            Entry(
                code=_C.CONSCIOUSNESS,
                sign=pgettext_lazy("short", "Wakes"),
                group=_N,
                kept="word",
            ),
            Entry(code=_C.SEIZURE, sign=pgettext_lazy("short", "Seizure"), group=_N, kept="word"),
            Entry(
                code=_C.MOTOR_WEAKNESS,
                sign=pgettext_lazy("short", "Motor"),
                group=_N,
                kept="word",
            ),
            Entry(
                code=_C.RAISED_ICP,
                sign=pgettext_lazy("short", "ICP"),
                group=_N,
                kept="word",
            ),
            Entry(code=_C.HANDWRITING, sign=pgettext_lazy("short", "Writing"), group=_N, kept="word"),
        )
    }
)

# A round of vital signs is done when each of these was measured.
VITAL_CODES: Final = (_C.TEMPERATURE_C, _C.HEART_RATE, _C.SYSTOLIC, _C.RESPIRATORY_RATE, _C.SPO2)
NEURO_CODES: Final = tuple(code for code, entry in CATALOG.items() if entry.group is _N)
