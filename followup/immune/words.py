"""What is missing and what is to be noted, in words. Keys are those of the rules."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MISSING: Final[Mapping[str, str | Promise]] = {
    "b_cells_percent": _("CD19+ B cells, share of lymphocytes"),
    "b_cells_per_ul": _("CD19+ B cells per µL"),
    "igg_mg_dl": "IgG",
    "last_immunoglobulin_on": _("day of the last immunoglobulin"),
    "recurrent_infection": _("whether infections recur"),
    "serious_or_recurrent_infection": _("whether infections are serious or recur"),
    "low_iga_or_igm": _("whether IgA or IgM is low"),
    "impaired_vaccine_response": _("response to vaccines"),
    "weight_kg": _("weight"),
    "stop_rule": _("a rule of the protocol"),
    "vaccine_rule": _("a rule of the protocol"),
    "cd4": "CD4",
    "second_cd4": _("a second CD4 a month later"),
    "neutrophils": _("neutrophils"),
    "steroids": _("whether steroids are given"),
    "transplant": _("whether and when a transplant was done"),
    "drugs": _("whether such drugs were given"),
    "last_dose": _("day of the last dose"),
    "b_cells": _("B cells per µL"),
    "infusion": _("day of the infusion"),
}
FLAGS: Final[Mapping[str, str | Promise]] = {
    "early_loss": _("B cells came back early."),
    "confirmed_late": _("The second sample came later than the protocol asks for."),
    "b_cell_depleting_drug": _("A drug against B cells was given: it keeps them away by itself."),
    "b_cells_absent_again": _("After the loss a sample showed no B cells again."),
    "consider_replacement": _("Replacing immunoglobulin is to be considered."),
    "adult_limit": _("The limit was read for adults."),
    "no_local_limit": _("The local lower limit for this age isn't entered in the protocol."),
    "cd4_of_young_child": _("Below 6 years counts of CD4 are higher by nature: a share may tell more."),
    "dose_unusual": _("The dose lies outside the usual range."),
}

PROPOSALS: Final[Mapping[str, str | Promise]] = {
    "consider": pgettext_lazy("immunoglobulin", "To be considered"),
    "not_needed": pgettext_lazy("immunoglobulin", "Not by these rules"),
    "unknown": pgettext_lazy("immunoglobulin", "Unknown"),
}


def missing_words(names: Iterable[str]) -> list[str]:
    """What isn't known, in words, each once."""
    return list(dict.fromkeys(str(MISSING.get(name, name.replace("_", " "))) for name in names))


def flag_sentences(flags: Iterable[str]) -> list[str]:
    """What is to be noted, in sentences."""
    return [str(FLAGS[flag]) for flag in flags if flag in FLAGS]
