"""Words of the bedside calculators: CRS, ICANS, CAPD, blood pressure, tocilizumab."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, Group, ResultWords
from toxicity.crs_fields import DEVICES, VASOPRESSORS
from toxicity.grading.capd import CAPD_TOPICS
from toxicity.grading.icans import Consciousness, RaisedIcp, Seizure
from toxicity.icans_fields import CAPD_CHOICES, CAPD_LABELS, ICE_LABELS
from toxicity.words import DOMAINS

AGE_YEARS: Final = FieldWords(
    label=_("Age"), unit=_("years"), hint=_("With decimals for an infant: 0.5 is six months.")
)
_CAPD_ITEMS: Final = {
    str(place): label for place, (_topic, label) in enumerate(zip(CAPD_TOPICS, CAPD_LABELS, strict=True))
}
_GRADE_OF_DOMAIN: Final = {
    domain: ResultWords(label=label)
    for domain, label in (
        ("ice", "ICE"),
        ("capd", "CAPD"),
        ("consciousness", _("Consciousness")),
        ("seizure", _("Seizure")),
        ("motor_weakness", _("Motor weakness")),
        ("raised_icp", _("Intracranial pressure")),
    )
}

CRS: Final = CalculatorWords(
    fields={
        "temperature_c": FieldWords(label=_("Temperature"), unit="°C"),
        "fever_other_cause": FieldWords(label=_("The fever has another cause")),
        "prior_crs": FieldWords(label=_("CRS of grade 1 or more earlier in this episode")),
        "modifier_given": FieldWords(label=_("Antipyretic, anti-cytokine or steroid given since onset")),
        "hypotension": FieldWords(label=_("Hypotension")),
        "vasopressors": FieldWords(label=_("Vasopressors running now"), choices=VASOPRESSORS),
        "oxygen": FieldWords(label=_("Oxygen")),
        "oxygen.device": FieldWords(label=_("Oxygen"), choices=DEVICES),
        "oxygen.flow_l_min": FieldWords(label=pgettext_lazy("oxygen", "Flow"), unit="L/min"),
        "oxygen.for_comfort": FieldWords(label=_("For comfort only, without a deficit")),
        "oxygen.baseline_support": FieldWords(label=_("The usual support at home, unchanged")),
        "death_from_crs": FieldWords(label=_("Death from CRS")),
    },
    groups=(
        Group(
            legend=_("Fever"), fields=("temperature_c", "fever_other_cause", "prior_crs", "modifier_given")
        ),
        Group(legend=_("Blood pressure"), fields=("hypotension", "vasopressors")),
        Group(legend=_("Oxygen"), fields=("oxygen",)),
        Group(legend=_("Outcome"), fields=("death_from_crs",)),
    ),
    results={
        "grade": ResultWords(label=_("Grade"), scale="CRS", lead=True),
        "eligible": ResultWords(label=_("Counts as CRS")),
        "domains": ResultWords(
            label=_("What each sign would give"),
            parts={
                "fever": ResultWords(label=_("Fever")),
                "hypotension": ResultWords(label=_("Hypotension, grade")),
                "hypoxia": ResultWords(label=_("Hypoxia, grade")),
            },
        ),
    },
    missing=DOMAINS,
)

ICANS: Final = CalculatorWords(
    fields={
        "age_years": AGE_YEARS,
        "developmental_delay": FieldWords(label=_("Developmental delay: CAPD instead of ICE")),
        "ice": FieldWords(label="ICE"),
        **{f"ice.{item}": FieldWords(label=label) for item, label in ICE_LABELS.items()},
        "ice_total": FieldWords(label=_("ICE, total"), hint=_("When the items are not at hand.")),
        "capd_answers": FieldWords(label="CAPD", choices=CAPD_CHOICES),
        **{f"capd_answers.{place}": FieldWords(label=label) for place, label in _CAPD_ITEMS.items()},
        "capd_total": FieldWords(label=_("CAPD, total"), hint=_("When the answers are not at hand.")),
        "capd_unable": FieldWords(label=_("CAPD can't be performed")),
        "capd_baseline": FieldWords(
            label=_("CAPD before the infusion"), hint=_("For comparison; it does not change the grade.")
        ),
        "new_change_attributed": FieldWords(label=_("A clinician attributes a new change to the cells")),
        "consciousness": FieldWords(
            label=_("Consciousness"),
            choices=(
                (Consciousness.SPONTANEOUS.value, _("Awake, or wakes by itself")),
                (Consciousness.VOICE.value, _("Wakes to voice")),
                (Consciousness.TOUCH.value, _("Wakes only to touch")),
                (Consciousness.UNAROUSABLE.value, _("Unarousable")),
            ),
        ),
        "consciousness_other_cause": FieldWords(label=_("Sedation or another cause explains it")),
        "seizure": FieldWords(
            label=_("Seizure"),
            choices=(
                (Seizure.NONE.value, pgettext_lazy("seizure", "None")),
                (Seizure.RESOLVED.value, _("Resolved rapidly")),
                (Seizure.PROLONGED_OR_REPETITIVE.value, _("Over 5 minutes, or repeated")),
            ),
        ),
        "motor_weakness": FieldWords(label=_("Deep focal motor weakness")),
        "raised_icp": FieldWords(
            label=_("Raised intracranial pressure"),
            choices=(
                (RaisedIcp.NONE.value, pgettext_lazy("intracranial pressure", "No sign")),
                (RaisedIcp.FOCAL_EDEMA.value, _("Focal edema")),
                (RaisedIcp.DIFFUSE_EDEMA_OR_SIGNS.value, _("Diffuse edema or clinical signs")),
            ),
        ),
        "intracranial_hemorrhage": FieldWords(label=_("The edema comes from a hemorrhage")),
        "death_from_icans": FieldWords(label=_("Death from ICANS")),
    },
    groups=(
        Group(
            legend=_("Which test"),
            fields=("age_years", "developmental_delay"),
            hint=_("ICE from the 12th birthday, CAPD before it or with a developmental delay."),
        ),
        Group(legend=_("ICE, points given"), fields=("ice", "ice_total")),
        Group(
            legend=_("CAPD, during the shift"),
            fields=("capd_answers", "capd_total", "capd_unable", "capd_baseline"),
        ),
        Group(
            legend=_("Signs"),
            fields=(
                "consciousness",
                "consciousness_other_cause",
                "seizure",
                "motor_weakness",
                "raised_icp",
                "intracranial_hemorrhage",
                "new_change_attributed",
                "death_from_icans",
            ),
        ),
    ),
    results={
        "grade": ResultWords(label=_("Grade"), scale="ICANS", lead=True),
        "instrument": ResultWords(label=_("Bedside test"), choices=(("ICE", "ICE"), ("CAPD", "CAPD"))),
        "score": ResultWords(label=_("Score of the test")),
        "domains": ResultWords(label=_("The grade each sign would give"), parts=_GRADE_OF_DOMAIN),
    },
    missing=DOMAINS,
)

CAPD: Final = CalculatorWords(
    fields={
        "answers": FieldWords(label="CAPD", choices=CAPD_CHOICES),
        **{f"answers.{place}": FieldWords(label=label) for place, label in _CAPD_ITEMS.items()},
    },
    groups=(
        Group(
            legend=_("During the shift"),
            fields=("answers",),
            hint=_("Topics only: the questions are under copyright. Use your center's licensed wording."),
        ),
    ),
    results={
        "total": ResultWords(label=_("Total, 0 to 32"), lead=True),
        "positive": ResultWords(label=_("Delirium by the score (9 or more)"), lead=True),
        "items": ResultWords(
            label=_("Points"),
            parts={place: ResultWords(label=label) for place, label in _CAPD_ITEMS.items()},
        ),
    },
)

HYPOTENSION_LIMIT: Final = CalculatorWords(
    fields={
        "age_years": AGE_YEARS,
        "systolic": FieldWords(label=_("Systolic pressure measured"), unit="mmHg"),
    },
    results={
        "limit_mmhg": ResultWords(label=_("Hypotension below"), unit="mmHg", lead=True),
        "below": ResultWords(
            label=_("The measured pressure"),
            yes=_("is below the limit"),
            no=_("is not below the limit"),
            none=_("was not given"),
            lead=True,
        ),
    },
)

TOCILIZUMAB_DOSE: Final = CalculatorWords(
    fields={
        "weight_kg": FieldWords(
            label=_("Dosing weight"),
            unit="kg",
            hint=_("The weight fixed at admission: the dose falls at 30 kg."),
        ),
        "previous_doses": FieldWords(
            label=_("Doses already given"),
            kind="moment",
            row=pgettext_lazy("tocilizumab", "Dose"),
            none=_("None given so far"),
        ),
        "at": FieldWords(label=_("Time of the next dose"), kind="moment"),
    },
    results={
        "dose_mg": ResultWords(label=_("One dose"), unit="mg", lead=True),
        "mg_per_kg": ResultWords(label=_("By weight"), unit="mg/kg"),
        "capped": ResultWords(label=_("Cut to the maximum of 800 mg")),
    },
    caveat=_("A figure to check, not an order."),
)
