"""Units as laboratories write them, and values in the unit of the catalog."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from toxicity.laboratory.catalog import BY_LOINC, CATALOG, Analyte
from toxicity.laboratory.inputs import LabResult

PLACES: Final = Decimal("0.0001")

# Ways of writing a unit that mean the UCUM unit beside it. Compared without spaces and in small letters.
_SPELLED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "10^9/l": "10*9/L",
        "x10^9/l": "10*9/L",
        "x10*9/l": "10*9/L",
        "x10e9/l": "10*9/L",
        "10e9/l": "10*9/L",
        "10⁹/l": "10*9/L",
        "×10⁹/l": "10*9/L",
        # Giga per liter: only an analyte that is counted takes it so.
        "g/l": "10*9/L",
        "giga/l": "10*9/L",
        "gpt/l": "10*9/L",
        "10^3/ul": "10*3/uL",
        "x10^3/ul": "10*3/uL",
        "10e3/ul": "10*3/uL",
        "x10e3/ul": "10*3/uL",
        "10³/ul": "10*3/uL",
        "×10³/ul": "10*3/uL",
        "k/ul": "10*3/uL",
        "thou/ul": "10*3/uL",
        "10^3/mm3": "10*3/uL",
        "10^3/mmc": "10*3/uL",
        "10^6/l": "10*6/L",
        "mpt/l": "10*6/L",
        "/mmc": "/mm3",
        "/mm^3": "/mm3",
        "cells/ul": "/uL",
        "cells/mm3": "/mm3",
        "iu/l": "U/L",
        "ui/l": "U/L",
        "u/l": "U/L",
        "ratio": "1",
        "inr": "1",
        "sec": "s",
        "secs": "s",
        "seconds": "s",
        "mcg/l": "ug/L",
        "mcg/ml": "ug/mL",
        "mcmol/l": "umol/L",
        "mg/lfeu": "mg/L{FEU}",
        "mgfeu/l": "mg/L{FEU}",
        "ug/mlfeu": "ug/mL{FEU}",
        "ugfeu/ml": "ug/mL{FEU}",
        "ng/mlfeu": "ng/mL{FEU}",
        "ngfeu/ml": "ng/mL{FEU}",
        "ug/lfeu": "ug/L{FEU}",
    }
)


def analyte_named(name: str) -> Analyte | None:
    """The analyte of a LOINC code, a code of the catalog or a name found in tables; None when unknown."""
    wanted = name.strip()
    return CATALOG.get(wanted.lower()) or BY_LOINC.get(wanted) or _BY_WORD.get(_word(wanted))


def unit_of(analyte: Analyte, written: str) -> str | None:
    """The UCUM unit meant by what a laboratory wrote, of those the analyte can be given in; None when not."""
    text = written.strip()
    if text in analyte.units:
        return text
    folded = text.replace(" ", "").replace("μ", "u").replace("µ", "u").lower()
    by_letters = {unit.lower(): unit for unit in analyte.units}
    if folded in by_letters:
        return by_letters[folded]
    spelled = _SPELLED.get(folded)
    return spelled if spelled in analyte.units else None


def canonical(analyte: Analyte, number: float, unit: str) -> Decimal:
    """A number in a UCUM unit of the analyte, in the unit of the catalog, to four places."""
    return (Decimal(str(number)) * analyte.units[unit]).quantize(PLACES)


def number_text(number: float | Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    return f"{Decimal(str(number)).normalize():f}"


def checked(result: LabResult) -> tuple[Analyte, Decimal]:
    """The analyte and its value in the unit of the catalog.

    Raises `Invalid` with a sentence for `analyte`, `unit` or `value` when it isn't one of those known, can't
    be converted, or lies outside what is possible; nothing is guessed.
    """
    analyte = CATALOG.get(result.analyte)
    if analyte is None:
        raise _refused("analyte", unknown_analyte(result.analyte))
    unit = unit_of(analyte, result.unit)
    if unit is None:
        raise _refused("unit", wrong_unit(analyte, result.unit))
    value = canonical(analyte, result.value, unit)
    if not analyte.low <= value <= analyte.high:
        raise _refused("value", impossible(analyte, value))
    if result.low is not None and result.high is not None and result.low >= result.high:
        raise _refused("low", _("The lower limit must be less than the upper limit."))
    return analyte, value


def wrong_unit(analyte: Analyte, written: str) -> str:
    """Why a unit is refused, and which are taken."""
    units = ", ".join(analyte.units)
    if not written.strip():
        return _("The unit is missing; one of %(units)s is needed.") % {"units": units}
    return _("The unit %(unit)s is not one of %(units)s.") % {"unit": written, "units": units}


def unknown_analyte(name: str) -> str:
    """Why a name or code is refused."""
    return _("“%(name)s” is not an analyte that is kept here.") % {"name": name}


def impossible(analyte: Analyte, value: Decimal) -> str:
    """Why a value is refused."""
    return _("%(value)s %(unit)s is not possible; values from %(low)s to %(high)s are.") % {
        "value": number_text(value),
        "unit": analyte.unit,
        "low": number_text(analyte.low),
        "high": number_text(analyte.high),
    }


def _refused(field: str, sentence: str) -> Invalid:
    return Invalid("invalid_input", sentence, fields={field: sentence})


def _word(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())


_BY_WORD: Final[Mapping[str, Analyte]] = MappingProxyType(
    {
        _word(word): analyte
        for analyte in CATALOG.values()
        for word in (analyte.code.value, str(analyte.code.label), *analyte.words)
    }
)
