"""Form widgets that every stage uses, so that a date, a time and a number look and behave alike."""

from typing import Any

from django import forms

DAY_FORMAT = "%Y-%m-%d"
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"


class DayInput(forms.DateInput):
    """The browser's own calendar for a day."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=DAY_FORMAT)


class MomentInput(forms.DateTimeInput):
    """The browser's own calendar and clock for a time in the center's zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format=MOMENT_FORMAT)


class ClockInput(forms.TimeInput):
    """The browser's own clock for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class QuantityInput(forms.TextInput):
    """A number with its unit inside the field.

    A text field on purpose: a number field changes when the mouse wheel turns over it, and forgets what was
    typed when that is no number.
    """

    def __init__(self, unit: str = "", attrs: dict[str, Any] | None = None) -> None:
        merged: dict[str, Any] = {"inputmode": "decimal", "autocomplete": "off"}
        if unit:
            merged["data-unit"] = unit
        super().__init__({**merged, **(attrs or {})})


class ButtonChoice(forms.RadioSelect):
    """Few, short choices as a row of large buttons, for a hand in a glove."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({"class": "buttons", **(attrs or {})}, choices)
