"""Plain words for families, as data: what a visit is for, what to bring, when to call at once.

Source: DESIGN, working defaults of CARTPath for the center to confirm; fever is 38.0 °C as in the grading of
cytokine release. What a child may and may not do after the infusion comes from the protocol, not from here.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What an examination of the plan means to a family; those that mean the same to it share their words.
EXAMINATIONS: Final[dict[str, Promise]] = {
    "assess_visit": _("Talk and check-up, weight and height"),
    "assess_marrow_mrd": _("Bone marrow test, usually asleep"),
    "assess_ngs_mrd": _("Bone marrow test, usually asleep"),
    "assess_csf": _("Test of the fluid around the spine, usually asleep"),
    "assess_chimerism": _("Blood test"),
    "assess_blood_count": _("Blood test"),
    "assess_b_cells": _("Blood test"),
    "assess_immunoglobulins": _("Blood test"),
    "assess_lymphocyte_subsets": _("Blood test"),
    "assess_car_persistence": _("Blood test"),
    "assess_replication_competent_virus": _("Blood test"),
    "assess_organ_chemistry": _("Blood test"),
    "assess_infections": _("Talk about infections and medicines"),
    "assess_vaccines": _("Talk about vaccines"),
    "assess_heart": _("Ultrasound of the heart"),
    "assess_endocrine": _("Check of growth"),
    "assess_fertility": _("Talk about growing up"),
    "assess_neurocognition": _("Talk about school and learning"),
    "assess_quality_of_life": _("Questionnaire about well-being"),
    "assess_second_malignancy": _("Talk and check-up, weight and height"),
}

FOR_EVERY_STAY: Final = (
    _("Identity card and health card"),
    _("List of medicines, and the medicines themselves"),
    _("Letters and blood results from other hospitals"),
)
FOR_APHERESIS: Final = (
    *FOR_EVERY_STAY,
    _("Warm, loose clothes with wide sleeves"),
    _("Breakfast, unless we told you otherwise"),
    _("Milk or yogurt, snacks and something to drink"),
    _("Toys, books, films: your child stays in bed for several hours"),
)
FOR_INFUSION: Final = (
    *FOR_EVERY_STAY,
    _("Clothes and pajamas for at least two weeks, easy to wash"),
    _("Soft toothbrush and wash things"),
    _("A favorite toy or blanket that can be washed"),
    _("School books, tablet and charger"),
    _("Glasses or hearing aids, if your child uses them"),
)
FOR_VISIT: Final = (
    *FOR_EVERY_STAY,
    _("Vaccination booklet"),
    _("Your questions, written down"),
)

CALL_AT_ONCE: Final = (
    _("Fever of 38 °C or more, or shivering"),
    _("Trouble breathing, or fast breathing"),
    _("Confusion, unusual sleepiness, or trouble speaking or writing"),
    _("A seizure, fainting, or bad headache"),
    _("Bleeding, or many new bruises"),
    _("Vomiting or diarrhea that doesn't stop"),
    _("Contact with chickenpox or measles"),
    _("New lumps, or weight loss without a reason"),
)
