"""Every flag of every rule in words. A test reads the rules and fails when a flag is not here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words.shapes import Text
from toxicity.words import FLAGS as BEDSIDE_FLAGS

__all__ = ["FLAGS", "flag_words"]

FLAGS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **BEDSIDE_FLAGS,
        # Leukapheresis
        "default_blood_volume_factor": _("No factor of the site was given: the default factor was used."),
        "ecv_high": _("Much of the child's blood is outside at one time."),
        "prime_by_ecv": _("Red-cell prime because of the volume outside."),
        "prime_by_weight": _("Red-cell prime because of the low weight."),
        "many_blood_volumes": _("More blood volumes to process than usual: plan a second day."),
        "platelets_low_afterwards": _("Platelets will be low afterwards."),
        "more_than_all_cells": _("More cells in the bag than passed the machine: check the counts."),
        "tnc_below_target": _("Nucleated cells are below the target."),
        "mnc_below_target": _("Mononuclear cells are below the target."),
        "cd3_below_target": _("CD3+ cells are below the target."),
        "cd3_percent_below_target": _("The share of CD3+ cells is below the target."),
        "no_exposures": _("No previous treatment was given, so nothing binds."),
        "counted_from_end_of_day": _("Only the day of a last dose is known: counted from the end of it."),
        "half_life_unknown": _("A half-life is unknown: the full interval was kept."),
        # Infusion
        "single_target_dose": _("The product has one target dose rather than a range."),
        "dose_below_range": _("The dose is below the range."),
        "dose_above_range": _("The dose is above the range."),
        "given_in_fractions": _("This product is given in fractions."),
        "no_dose_rule": _("No dose rule of this protocol is approved."),
        "total_outside_range": _("The whole dose lies outside the range."),
        "marrow_too_old": _("The marrow is too old to split the dose by."),
        "marrow_after_lymphodepletion": _("The marrow was taken after lymphodepletion began."),
        "too_late": _("The last day for this part has passed."),
        "grade_was_higher": _("A grade since the part before was too high; it has come down."),
        "grade_at_least": _("A grade of the day is a lower bound: not everything was examined."),
        "earlier_grade_at_least": _("An earlier grade is a lower bound: not everything was examined."),
        "crs_grade_without_limit": _("There was CRS, and the protocol states no limit for it here."),
        "icans_grade_without_limit": _("There was ICANS, and the protocol states no limit for it here."),
        "adult_score": _("Made in adults and not validated in children."),
        # Laboratory grades and syndromes
        "unknown_unit": _("The unit is not one of this value, so there is no grade."),
        "baseline_assumed_normal": _("The value before treatment is unknown and was taken as normal."),
        "draft_criteria": _("The criteria are a draft until your center has compared them with the paper."),
    }
)


def flag_words(flags: list[str]) -> list[Text]:
    """Each flag in words; a code without words as it is, so that nothing is swallowed."""
    return [FLAGS.get(flag, flag) for flag in flags]
