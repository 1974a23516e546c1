"""The specification of a product in words, where a stored verdict names its parameters."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words import FieldWords
from cartpath.calculators.words.shapes import Text
from manufacturing.quality.words import Finding

_FINDING: Final = tuple(Finding.choices)
RELEASE_FIELDS: Final[Mapping[str, FieldWords]] = {
    "viability_percent": FieldWords(label=_("Viability"), unit="%"),
    "cells_per_kg": FieldWords(label=_("Dose"), unit="cells/kg"),
    "release_car_positive": FieldWords(label=_("CAR19+ cells"), unit="%"),
    "release_cd3": FieldWords(label=_("CD3+ cells"), unit="%"),
    "release_endotoxin": FieldWords(label=_("Endotoxin"), unit="EU/mL"),
    "release_vector_copies": FieldWords(label=_("Vector copy number")),
    "release_appearance": FieldWords(label=_("Appearance"), choices=_FINDING),
    "release_sterility": FieldWords(label=_("Sterility"), choices=_FINDING),
    "release_mycoplasma": FieldWords(label=_("Mycoplasma"), choices=_FINDING),
    "release_adventitious_viruses": FieldWords(label=_("Adventitious viruses"), choices=_FINDING),
    "release_replication_competent_lentivirus": FieldWords(
        label=_("Replication-competent lentivirus"), choices=_FINDING
    ),
    "release_potency": FieldWords(label=_("Potency"), choices=_FINDING),
}
RELEASE_MISSING: Final[Mapping[str, Text]] = {
    "viability_percent": _("viability"),
    "cells_per_kg": _("cells per kilogram"),
    **{name: words.label for name, words in RELEASE_FIELDS.items() if name.startswith("release_")},
}
RELEASE_FLAGS: Final[Mapping[str, Text]] = {
    "release_viability_missed": _("Viability is below the limit of release."),
    "release_dose_missed": _("The dose is below the limit of release."),
    "release_car_positive_missed": _("Too few CAR19+ cells for the release."),
    "release_cd3_missed": _("Too few CD3+ cells for the release."),
    "release_endotoxin_missed": _("Too much endotoxin for the release."),
    "release_vector_copies_missed": _("Too many vector copies for the release."),
    "release_appearance_missed": _("The appearance doesn't conform."),
    "release_sterility_missed": _("The product is not sterile."),
    "release_mycoplasma_missed": _("Mycoplasma was found."),
    "release_adventitious_viruses_missed": _("Adventitious viruses were found."),
    "release_replication_competent_lentivirus_missed": _("Replication-competent lentivirus was found."),
    "release_potency_missed": _("The potency doesn't conform."),
}
