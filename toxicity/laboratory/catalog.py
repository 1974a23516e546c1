"""What the laboratory measures here: codes, names, LOINC, units with their conversion, possible values.

Units are UCUM codes. Each analyte is kept in one unit; `units` says how much of the kept unit one of the
given unit is. A unit that can't be converted safely is not in the list and is refused by name: D-dimer of
the other calibration (DDU), urea and urea nitrogen in mg/dL, which look alike and differ twofold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toxicity.laboratory.enums import AnalyteGroup


class AnalyteCode(models.TextChoices):
    """The analytes, in the order of a page."""

    ANC = "anc", _("Neutrophils")
    WBC = "wbc", _("White blood cells")
    LYMPHOCYTES = "lymphocytes", _("Lymphocytes")
    HEMOGLOBIN = "hemoglobin", _("Hemoglobin")
    PLATELETS = "platelets", _("Platelets")
    FERRITIN = "ferritin", _("Ferritin")
    CRP = "crp", _("CRP")
    PROCALCITONIN = "procalcitonin", _("Procalcitonin")
    IL6 = "il6", _("Interleukin 6")
    SIL2R = "sil2r", _("Soluble IL-2 receptor (sCD25)")
    TRIGLYCERIDES = "triglycerides", _("Triglycerides")
    LDH = "ldh", _("LDH")
    ALT = "alt", _("ALT")
    AST = "ast", _("AST")
    BILIRUBIN = "bilirubin", _("Bilirubin, total")
    BILIRUBIN_DIRECT = "bilirubin_direct", _("Bilirubin, direct")
    ALBUMIN = "albumin", _("Albumin")
    FIBRINOGEN = "fibrinogen", _("Fibrinogen")
    INR = "inr", _("INR")
    PT = "pt", _("Prothrombin time")
    APTT = "aptt", _("aPTT")
    D_DIMER = "d_dimer", _("D-dimer (FEU)")
    CREATININE = "creatinine", _("Creatinine")
    UREA = "urea", _("Urea")
    URIC_ACID = "uric_acid", _("Uric acid")
    SODIUM = "sodium", _("Sodium")
    POTASSIUM = "potassium", _("Potassium")
    CALCIUM = "calcium", _("Calcium")
    MAGNESIUM = "magnesium", _("Magnesium")
    PHOSPHATE = "phosphate", _("Phosphate")
    LACTATE = "lactate", _("Lactate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """One analyte.

    `unit` is the unit it is kept in, `units` the accepted UCUM units with their factor to it, `loinc` the
    codes a laboratory may send, the usual one first (empty where none is certain). Values outside `low` to
    `high` are refused: they're slips of the hand, not findings. `words` are other names found in tables.
    """

    code: AnalyteCode
    group: AnalyteGroup
    unit: str
    units: Mapping[str, Decimal]
    loinc: tuple[str, ...]
    low: Decimal
    high: Decimal
    places: int
    words: tuple[str, ...] = ()

    @property
    def label(self) -> str | Promise:
        """The name, in the reader's language."""
        return self.code.label


_CELLS: Final = {
    "/uL": "1",
    "{cells}/uL": "1",
    "/mm3": "1",
    "10*3/uL": "1000",
    "10*9/L": "1000",
    "10*6/L": "1",
}
_PLATELETS: Final = {
    "10*9/L": "1",
    "10*3/uL": "1",
    "10*6/L": "0.001",
    "/uL": "0.001",
    "/mm3": "0.001",
}
_ENZYME: Final = {"U/L": "1", "ukat/L": "60"}
_MG_PER_L: Final = {"mg/L": "1", "mg/dL": "10", "ug/mL": "1"}


def _analyte(
    code: AnalyteCode,
    group: AnalyteGroup,
    units: Mapping[str, str],
    *,
    loinc: str,
    most: str,
    least: str = "0",
    places: int = 0,
    words: str = "",
) -> Analyte:
    """The first unit of `units` is the one that values are kept in."""
    return Analyte(
        code=code,
        group=group,
        unit=next(iter(units)),
        units=MappingProxyType({unit: Decimal(factor) for unit, factor in units.items()}),
        loinc=tuple(loinc.split()),
        low=Decimal(least),
        high=Decimal(most),
        places=places,
        words=tuple(word.strip() for word in words.split(",") if word.strip()),
    )


_C, _G = AnalyteCode, AnalyteGroup
_ROWS: Final = (
    _analyte(
        _C.ANC,
        _G.COUNTS,
        _CELLS,
        loinc="751-8 26499-4 753-4",
        most="500000",
        words="anc, neutrophil count, absolute neutrophil count, neut, neutrophils abs, neutrofili",
    ),
    _analyte(
        _C.WBC,
        _G.COUNTS,
        _CELLS,
        loinc="6690-2 26464-8",
        most="2000000",
        words="wbc, leukocytes, leucocytes, white cells, leucociti, globuli bianchi",
    ),
    _analyte(
        _C.LYMPHOCYTES,
        _G.COUNTS,
        _CELLS,
        loinc="731-0 26474-7",
        most="1000000",
        words="alc, lymph, lymphocyte count, linfociti",
    ),
    _analyte(
        _C.HEMOGLOBIN,
        _G.COUNTS,
        {"g/dL": "1", "g/L": "0.1", "mmol/L": "1.6114"},
        loinc="718-7 20509-6",
        least="1",
        most="25",
        places=1,
        words="hb, hgb, haemoglobin, emoglobina",
    ),
    _analyte(
        _C.PLATELETS,
        _G.COUNTS,
        _PLATELETS,
        loinc="777-3 26515-7",
        most="3000",
        words="plt, platelet count, thrombocytes, piastrine",
    ),
    _analyte(
        _C.FERRITIN,
        _G.INFLAMMATION,
        {"ng/mL": "1", "ug/L": "1", "ug/dL": "10", "mg/L": "1000"},
        loinc="2276-4",
        most="2000000",
        words="ferritina",
    ),
    _analyte(
        _C.CRP,
        _G.INFLAMMATION,
        _MG_PER_L,
        loinc="1988-5 30522-7",
        most="1000",
        places=1,
        words="c-reactive protein, c reactive protein, pcr, proteina c reattiva",
    ),
    _analyte(
        _C.PROCALCITONIN,
        _G.INFLAMMATION,
        {"ng/mL": "1", "ug/L": "1"},
        loinc="33959-8 75241-0",
        most="5000",
        places=2,
        words="pct, procalcitonina",
    ),
    _analyte(
        _C.IL6,
        _G.INFLAMMATION,
        {"pg/mL": "1", "ng/L": "1"},
        loinc="26881-3",
        most="5000000",
        places=1,
        words="il-6, il 6, interleukin-6, interleuchina 6",
    ),
    _analyte(
        _C.SIL2R,
        _G.INFLAMMATION,
        {"U/mL": "1", "k[IU]/L": "1"},
        loinc="",
        most="1000000",
        words="scd25, sil-2r",
    ),
    _analyte(
        _C.TRIGLYCERIDES,
        _G.INFLAMMATION,
        {"mg/dL": "1", "mmol/L": "88.57", "g/L": "100"},
        loinc="2571-8 14927-8",
        most="20000",
        words="tg, trigliceridi",
    ),
    _analyte(
        _C.LDH,
        _G.LIVER,
        _ENZYME,
        loinc="2532-0 14804-9 14805-6",
        most="100000",
        words="lactate dehydrogenase, ld",
    ),
    _analyte(
        _C.ALT,
        _G.LIVER,
        _ENZYME,
        loinc="1742-6 1743-4 1744-2",
        most="100000",
        words="gpt, alat, alt (gpt), sgpt",
    ),
    _analyte(
        _C.AST, _G.LIVER, _ENZYME, loinc="1920-8 30239-8", most="100000", words="got, asat, ast (got), sgot"
    ),
    _analyte(
        _C.BILIRUBIN,
        _G.LIVER,
        {"mg/dL": "1", "umol/L": "0.05848", "mg/L": "0.1"},
        loinc="1975-2 14631-6",
        most="100",
        places=2,
        words="total bilirubin, bilirubin, bilirubina, bilirubina totale, tbil",
    ),
    _analyte(
        _C.BILIRUBIN_DIRECT,
        _G.LIVER,
        {"mg/dL": "1", "umol/L": "0.05848", "mg/L": "0.1"},
        loinc="1968-7 14629-0",
        most="100",
        places=2,
        words="direct bilirubin, conjugated bilirubin, bilirubina diretta, dbil",
    ),
    _analyte(
        _C.ALBUMIN,
        _G.LIVER,
        {"g/dL": "1", "g/L": "0.1"},
        loinc="1751-7",
        least="0.1",
        most="10",
        places=1,
        words="alb, albumina",
    ),
    _analyte(
        _C.FIBRINOGEN,
        _G.CLOTTING,
        {"mg/dL": "1", "g/L": "100"},
        loinc="3255-7",
        most="3000",
        words="fibrinogeno, fib",
    ),
    _analyte(
        _C.INR,
        _G.CLOTTING,
        {"1": "1", "{INR}": "1"},
        loinc="6301-6 34714-6",
        least="0.1",
        most="30",
        places=2,
    ),
    _analyte(
        _C.PT,
        _G.CLOTTING,
        {"s": "1"},
        loinc="5902-2 5964-2",
        least="1",
        most="300",
        places=1,
        words="pt, prothrombin time, tempo di protrombina",
    ),
    _analyte(
        _C.APTT,
        _G.CLOTTING,
        {"s": "1"},
        loinc="14979-9 3173-2",
        least="1",
        most="400",
        places=1,
        words="aptt, ptt, a-ptt",
    ),
    _analyte(
        _C.D_DIMER,
        _G.CLOTTING,
        {"mg/L{FEU}": "1", "ug/mL{FEU}": "1", "ng/mL{FEU}": "0.001", "ug/L{FEU}": "0.001"},
        loinc="48065-7",
        most="1000",
        places=2,
        words="d-dimer, d dimer, d-dimero",
    ),
    _analyte(
        _C.CREATININE,
        _G.KIDNEY,
        {"mg/dL": "1", "umol/L": "0.01131", "mg/L": "0.1"},
        loinc="2160-0 14682-9",
        most="40",
        places=2,
        words="crea, creat, creatinina",
    ),
    _analyte(_C.UREA, _G.KIDNEY, {"mmol/L": "1"}, loinc="22664-7", most="150", places=1, words="azotemia"),
    _analyte(
        _C.URIC_ACID,
        _G.KIDNEY,
        {"mg/dL": "1", "umol/L": "0.01681", "mmol/L": "16.81", "mg/L": "0.1"},
        loinc="3084-1 14933-6",
        most="80",
        places=1,
        words="urate, uric acid, acido urico",
    ),
    _analyte(
        _C.SODIUM,
        _G.KIDNEY,
        {"mmol/L": "1", "meq/L": "1"},
        loinc="2951-2 2947-0",
        least="80",
        most="220",
        words="na, na+, sodio",
    ),
    _analyte(
        _C.POTASSIUM,
        _G.KIDNEY,
        {"mmol/L": "1", "meq/L": "1"},
        loinc="2823-3 6298-4",
        least="1",
        most="15",
        places=1,
        words="k, k+, potassio",
    ),
    _analyte(
        _C.CALCIUM,
        _G.KIDNEY,
        {"mg/dL": "1", "mmol/L": "4.008"},
        loinc="17861-6 2000-8",
        least="2",
        most="30",
        places=2,
        words="ca, calcium total, calcio",
    ),
    _analyte(
        _C.MAGNESIUM,
        _G.KIDNEY,
        {"mg/dL": "1", "mmol/L": "2.431"},
        loinc="19123-9 2601-3",
        most="20",
        places=2,
        words="mg, magnesio",
    ),
    _analyte(
        _C.PHOSPHATE,
        _G.KIDNEY,
        {"mg/dL": "1", "mmol/L": "3.097"},
        loinc="2777-1 14879-1",
        most="40",
        places=2,
        words="po4, phosphorus, phosphate inorganic, fosfato, fosforo",
    ),
    _analyte(
        _C.LACTATE,
        _G.KIDNEY,
        {"mmol/L": "1"},
        loinc="2524-7 32693-4",
        most="50",
        places=1,
        words="lactic acid, lattato",
    ),
)

CATALOG: Final[Mapping[str, Analyte]] = MappingProxyType({row.code.value: row for row in _ROWS})
BY_LOINC: Final[Mapping[str, Analyte]] = MappingProxyType(
    {loinc: row for row in _ROWS for loinc in row.loinc}
)
