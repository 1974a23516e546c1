"""Form fields of clinical facts: cells in powers of ten, and answers that may stay unknown."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.fields import QuantityField
from cartpath.core.widgets import ButtonChoice

_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

YES: Final = "yes"
NO: Final = "no"
UNKNOWN: Final = "unknown"


class CountField(QuantityField):
    """A whole number with its unit; the value is an int, None when left empty."""

    def __init__(self, *, low: int, high: int, unit: str = "", **options: Any) -> None:
        super().__init__(low=low, high=high, unit=unit, places=0, **options)

    def clean(self, value: Any) -> int | None:
        """Read the number. Raises ValidationError outside the range."""
        number = super().clean(value)
        return None if number is None else int(number)


class MeasureField(QuantityField):
    """A measured number; the value is a float, as the rules take it, None when left empty."""

    def clean(self, value: Any) -> float | None:
        """Read the number. Raises ValidationError outside the range."""
        number = super().clean(value)
        return None if number is None else float(number)


class CellsField(QuantityField):
    """A count of cells, typed in a power of ten as laboratories report it; the value is the whole count.

    With `exponent=9`, 5.6 stands for 5,600,000,000 cells. `low` and `high` are in the same power of ten.
    """

    def __init__(self, *, exponent: int, low: float, high: float, unit: str = "", **options: Any) -> None:
        self.exponent = exponent
        power = f"×10{str(exponent).translate(_SUPERSCRIPTS)}"
        super().__init__(low=low, high=high, unit=f"{power} {unit}".strip(), **options)

    def clean(self, value: Any) -> int | None:
        """Read the number. Raises ValidationError outside the range."""
        number: Decimal | None = super().clean(value)
        return None if number is None else int(number.scaleb(self.exponent))


class YesNoUnknownField(forms.TypedChoiceField):
    """Yes, no or unknown as three buttons, none pressed: not answered is unknown too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=[
                (YES, pgettext_lazy("answer", "Yes")),
                (NO, pgettext_lazy("answer", "No")),
                (UNKNOWN, _("Unknown")),
            ],
            coerce={YES: True, NO: False, UNKNOWN: None}.get,
            empty_value=None,
            required=False,
            widget=ButtonChoice,
            **options,
        )


class ButtonsField(forms.TypedChoiceField):
    """A few choices as buttons, none pressed; not answered is None."""

    def __init__(self, choices: Any, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("widget", ButtonChoice)
        super().__init__(choices=choices, empty_value=None, **options)


class CodeField(forms.ChoiceField):
    """A code from a fixed list in a drop-down that starts with an invitation, never with a choice."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices=[("", _("Choose…")), *choices], **options)
