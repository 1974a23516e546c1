"""What a visit can find: each finding with its name, unit and limits, and the sections they stand in.

One list for the form, the visit's page, the course over time and the files. A section says which examinations
of a protocol ask for it, so that an edition that changes the examinations changes the form. An examination
that no section knows gets a line of text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, get_args, get_type_hints

from annotated_types import Ge, Le
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from followup import finding_enums as words
from followup.enums import MrdMethod, MrdResult, Response
from followup.inputs import COLUMNS, Findings, FoundAtVisit
from patients.panels import Text

SENSITIVITIES: Final = (("0.001", "10⁻³"), ("0.0001", "10⁻⁴"), ("0.00001", "10⁻⁵"), ("0.000001", "10⁻⁶"))
OTHER: Final = "other"

Look = Literal["number", "whole", "score", "sensitivity", "choice", "yes_no", "day", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding: how it is called, typed and shown; `only_girls` ones are not asked of boys."""

    name: str
    label: Text
    look: Look = "number"
    unit: Text = ""
    places: int = 0
    choices: type[TextChoices] | None = None
    help: Text = ""
    only_girls: bool = False

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest number allowed, both included; read from the input's own type."""
        return limits_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Findings that belong together, and the examinations that ask for them."""

    id: str
    title: Text
    assessments: frozenset[str]
    findings: tuple[Finding, ...] = ()
    note: Text = ""


@cache
def _types() -> dict[str, Any]:
    return get_type_hints(Findings, include_extras=True) | get_type_hints(FoundAtVisit, include_extras=True)


@cache
def limits_of(name: str) -> tuple[float, float]:
    """The limits of a number, both included. Raises KeyError where the input has none."""
    marks = [mark for part in get_args(_types()[name]) for mark in getattr(part, "__metadata__", ())]
    low = next((mark.ge for mark in marks if isinstance(mark, Ge)), None)
    high = next((mark.le for mark in marks if isinstance(mark, Le)), None)
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        raise KeyError(name)
    return low, high


def _number(name: str, label: Text, unit: Text, places: int = 0, help: Text = "") -> Finding:
    return Finding(name=name, label=label, unit=unit, places=places, help=help)


def _whole(name: str, label: Text, unit: str = "", help: Text = "") -> Finding:
    return Finding(name=name, label=label, unit=unit, look="whole", help=help)


def _choice(name: str, label: Text, choices: type[TextChoices], help: Text = "") -> Finding:
    return Finding(name=name, label=label, look="choice", choices=choices, help=help)


def _yes_no(name: str, label: Text, help: Text = "", *, only_girls: bool = False) -> Finding:
    return Finding(name=name, label=label, look="yes_no", help=help, only_girls=only_girls)


def _day(name: str, label: Text, help: Text = "") -> Finding:
    return Finding(name=name, label=label, look="day", help=help)


B_CELLS: Final = "b_cells"
CHIMERISM: Final = "chimerism"
BODY: Final = "body"
INFECTIONS: Final = "infections"
MALIGNANCY: Final = "malignancy"
ENDOCRINE: Final = "endocrine"
DONOR_CHIMERISM: Final = "assess_donor_chimerism"

SECTIONS: Final[Sequence[Section]] = (
    Section(
        id=BODY,
        title=_("Weight, height, performance"),
        assessments=frozenset({"assess_visit"}),
        findings=(Finding(name="performance_score", label=_("Performance score"), look="score"),),
    ),
    Section(
        id="response",
        title=_("Response of the disease"),
        assessments=frozenset({"assess_response", "assess_visit"}),
        findings=(_choice("response", _("Response"), Response),),
    ),
    Section(
        id="mrd",
        title=_("Residual disease (MRD)"),
        assessments=frozenset({"assess_marrow_mrd", "assess_ngs_mrd"}),
        findings=(
            _choice("mrd_result", "MRD", MrdResult),
            _choice("mrd_method", _("MRD method"), MrdMethod),
            Finding(name="mrd_sensitivity", label=_("MRD sensitivity"), look="sensitivity"),
            _choice("mrd_material", _("MRD sample"), words.Material),
        ),
    ),
    Section(
        id="csf",
        title=_("Cerebrospinal fluid"),
        assessments=frozenset({"assess_csf"}),
        findings=(
            _yes_no("csf_blasts", _("Blasts in the cerebrospinal fluid")),
            _whole("csf_cells_per_ul", _("Cells in the cerebrospinal fluid"), "/µL"),
        ),
    ),
    Section(
        id=CHIMERISM,
        title=_("Chimerism"),
        assessments=frozenset({"assess_chimerism", DONOR_CHIMERISM}),
        findings=(
            _number("chimerism_donor_percent", _("Donor cells"), "%", 2),
            _choice("chimerism_material", _("Chimerism sample"), words.Material),
        ),
        note=_("Asked for after an earlier transplant."),
    ),
    Section(
        id="blood_count",
        title=_("Blood count"),
        assessments=frozenset({"assess_blood_count"}),
        findings=(
            _number("anc_per_ul", _("Neutrophils"), "/µL"),
            _number("lymphocytes_per_ul", _("Lymphocytes"), "/µL"),
            _number("hemoglobin_g_dl", _("Hemoglobin"), "g/dL", 1),
            _number("platelets_e9_per_l", _("Platelets"), "×10⁹/L"),
        ),
    ),
    Section(
        id=B_CELLS,
        title=_("B cells"),
        assessments=frozenset({"assess_b_cells"}),
        findings=(
            _number("b_cells_per_ul", _("CD19+ B cells"), "/µL", 2),
            _number("b_cells_percent", _("CD19+ B cells, share of lymphocytes"), "%", 2),
        ),
    ),
    Section(
        id="immunoglobulins",
        title=_("Immunoglobulins"),
        assessments=frozenset({"assess_immunoglobulins"}),
        findings=(
            _number("igg_mg_dl", "IgG", "mg/dL", 1),
            _number("iga_mg_dl", "IgA", "mg/dL", 1),
            _number("igm_mg_dl", "IgM", "mg/dL", 1),
            _day(
                "last_immunoglobulin_on",
                _("Last immunoglobulin given"),
                _("An IgG soon after immunoglobulin is not the child's own."),
            ),
            _yes_no("ever_replaced", _("Immunoglobulin ever given")),
        ),
    ),
    Section(
        id="subsets",
        title=_("T and NK cells"),
        assessments=frozenset({"assess_lymphocyte_subsets"}),
        findings=(
            _number("cd3_per_ul", _("CD3+ T cells"), "/µL"),
            _number("cd4_per_ul", _("CD4+ T cells"), "/µL"),
            _number("cd4_percent", _("CD4+ T cells, share of lymphocytes"), "%", 1),
            _number("cd8_per_ul", _("CD8+ T cells"), "/µL"),
            _number("nk_per_ul", _("NK cells"), "/µL"),
        ),
    ),
    Section(
        id="car",
        title=_("CAR T cells"),
        assessments=frozenset({"assess_car_persistence"}),
        findings=(
            _choice("car_method", _("Method"), words.CarMethod),
            _choice("car_result", _("CAR T cells"), words.CarResult),
            _number("car_copies_per_ug", _("CAR copies by qPCR"), _("copies/µg DNA"), 2),
            _number("car_percent", _("CAR T cells by flow cytometry"), _("% of T cells"), 3),
            _number("car_limit", _("Limit of detection"), "", 3, _("In the unit of the method.")),
        ),
    ),
    Section(
        id="virus",
        title=_("Replication-competent lentivirus"),
        assessments=frozenset({"assess_replication_competent_virus"}),
        findings=(_choice("virus", _("Test or sample"), words.VirusResult),),
    ),
    Section(
        id=INFECTIONS,
        title=_("Infections"),
        assessments=frozenset({"assess_infections"}),
        findings=(_yes_no("any_infection", _("Any infection since the last visit")),),
    ),
    Section(
        id="chemistry",
        title=_("Ferritin, liver, kidney"),
        assessments=frozenset({"assess_organ_chemistry"}),
        findings=(
            _number("ferritin_ng_ml", _("Ferritin"), "ng/mL", 1),
            _number("alt_u_l", "ALT", "U/L"),
            _number("bilirubin_mg_dl", _("Bilirubin, total"), "mg/dL", 2),
            _number("creatinine_mg_dl", _("Creatinine"), "mg/dL", 2),
            _number("egfr_ml_min", _("Glomerular filtration rate per 1.73 m²"), "mL/min"),
        ),
    ),
    Section(
        id="heart",
        title=_("Heart"),
        assessments=frozenset({"assess_heart"}),
        findings=(
            _number("lvef_percent", _("Ejection fraction (LVEF)"), "%", 1),
            _number("shortening_fraction_percent", _("Shortening fraction"), "%", 1),
            _choice("ecg", _("ECG"), words.EcgResult),
        ),
    ),
    Section(
        id=ENDOCRINE,
        title=_("Growth, puberty, hormones"),
        assessments=frozenset({"assess_endocrine"}),
        findings=(
            _whole("tanner_breast_genital", _("Tanner stage, breast or genitals"), "", _("1 to 5")),
            _whole("tanner_pubic_hair", _("Tanner stage, pubic hair"), "", _("1 to 5")),
            _yes_no("menarche", _("Menarche"), only_girls=True),
            _number("tsh_mu_l", "TSH", "mU/L", 2),
            _number("ft4_ng_dl", _("Free T4"), "ng/dL", 2),
            _number("cortisol_ug_dl", _("Cortisol"), "µg/dL", 1),
            _number("igf1_ng_ml", "IGF-1", "ng/mL"),
        ),
        note=_("Growth velocity is computed from the heights on record."),
    ),
    Section(
        id="fertility",
        title=_("Fertility"),
        assessments=frozenset({"assess_fertility"}),
        findings=(
            _yes_no("fertility_counseled", _("Counseled about fertility")),
            Finding(
                name="pregnancy_test",
                label=_("Pregnancy test"),
                look="choice",
                choices=words.PregnancyTest,
                only_girls=True,
            ),
            _choice("pregnancy_outcome", _("Pregnancy, own or a partner's"), words.PregnancyOutcome),
        ),
    ),
    Section(
        id="school",
        title=_("School and neurocognition"),
        assessments=frozenset({"assess_neurocognition"}),
        findings=(
            _choice("schooling", _("Goes to school"), words.Schooling),
            _yes_no("school_support", _("Supported at school")),
            Finding(name="school_concerns", label=_("Concerns"), look="text"),
            _day("neurocognition_on", _("Neurocognition tested on")),
        ),
    ),
    Section(
        id="quality_of_life",
        title=_("Quality of life"),
        assessments=frozenset({"assess_quality_of_life"}),
        findings=(
            _number("pedsql_total", _("PedsQL total"), "", 2, _("0 to 100, higher is better")),
            _choice("pedsql_respondent", _("PedsQL answered by"), words.Respondent),
            _whole("eq5d_vas", "EQ-5D VAS", "", _("0 to 100, higher is better")),
        ),
        note=_("PedsQL is a licensed instrument: only its total is kept, never its items."),
    ),
    Section(
        id=MALIGNANCY,
        title=_("New malignancy"),
        assessments=frozenset({"assess_second_malignancy"}),
        findings=(_choice("malignancy_screen", _("Search for a new malignancy"), words.MalignancyScreen),),
        note=_("A suspicion opens a case with the steps towards manufacturer, regulator and registry."),
    ),
)

FINDINGS: Final = MappingProxyType({each.name: each for section in SECTIONS for each in section.findings})
# Findings that go with another one and have no field of their own.
DERIVED: Final = frozenset({"performance_scale", OTHER})


def is_column(name: str) -> bool:
    """Whether a finding has a column of its own in the table of visits."""
    return name in COLUMNS
