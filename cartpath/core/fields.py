"""Form fields that every stage uses: what is typed, read strictly and answered in words."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cartpath.core.widgets import DayInput, MomentInput, QuantityInput

_localized = lazy(number_format, str)


class QuantityField(forms.DecimalField):
    """A measured number with its unit and allowed range, both ends included.

    Takes a decimal point or comma in any language and no thousands separator. An error says what would be
    right.
    """

    def __init__(
        self,
        *,
        low: float | Decimal,
        high: float | Decimal,
        unit: str = "",
        places: int | None = None,
        **options: Any,
    ) -> None:
        minimum, maximum = Decimal(str(low)), Decimal(str(high))
        limits = {"low": _localized(minimum), "high": _localized(maximum)}
        text = _("Give a number from {low} to {high} {unit}.")
        # Django fills the messages about limits by `%`, so the unit % must be doubled there.
        beyond = format_lazy(text, **limits, unit=unit.replace("%", "%%"))
        messages = {
            "invalid": format_lazy(text, **limits, unit=unit),
            "min_value": beyond,
            "max_value": beyond,
        }
        options["error_messages"] = messages | options.get("error_messages", {})
        options.setdefault("widget", QuantityInput(unit))
        super().__init__(min_value=minimum, max_value=maximum, decimal_places=places, **options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """Read a number with one decimal mark, point or comma. Raises ValidationError for anything else."""
        if isinstance(value, str):
            value = value.strip().replace(",", ".")
        return super().to_python(value)


class DayField(forms.DateField):
    """A calendar day."""

    widget = DayInput


class MomentField(forms.DateTimeField):
    """A time in the center's zone; the value is aware."""

    widget = MomentInput
