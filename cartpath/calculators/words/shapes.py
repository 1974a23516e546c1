"""What the words of a calculator are made of: all that a person reads about an input or a result."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.utils.functional import Promise

__all__ = ["CalculatorWords", "Choices", "FieldWords", "Group", "ResultWords", "Text", "choices_of"]

Text = str | Promise
# Code and label. Read late where they come from the protocols, which a center may add to.
Choices = Sequence[tuple[str, Text]] | Callable[[], Sequence[tuple[str, Text]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldWords:
    """How one field of an input is asked for.

    `unit` stands inside the field, `hint` below it. `exponent` asks for cells in a power of ten. `kind` says
    what a text really is; a zone is that of the person's center and is not asked for. `none` is the word for
    an empty list, which is not the same as an unknown one. `row` names one entry of a list.
    """

    label: Text
    unit: Text = ""
    hint: Text = ""
    choices: Choices = ()
    exponent: int | None = None
    kind: Literal["text", "moment", "day_or_moment", "zone"] = "text"
    none: Text = ""
    row: Text = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultWords:
    """How one value of a result is said.

    `scale` makes it a grade. `parts` names what an object, or each row of a list, is made of. `yes` and `no`
    replace the plain words, `none` the word unknown where null means something else.
    """

    label: Text
    unit: Text = ""
    scale: Text = ""
    choices: Choices = ()
    parts: Mapping[str, "ResultWords"] = field(default_factory=dict)
    kind: Literal["plain", "cells", "day", "moment", "code"] = "plain"
    yes: Text = ""
    no: Text = ""
    none: Text = ""
    lead: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Fields that belong together, by name; a group that names none takes those no other group does."""

    legend: Text
    fields: tuple[str, ...]
    hint: Text = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalculatorWords:
    """The words of one calculator. Fields that no group takes come first, in the order of the input.

    Parts of a field are named by their path (`oxygen.device`), so are the places of a fixed list
    (`answers.0`). `missing` says what was not given where that is no field of the input. `caveat` is printed
    beside the result: what a reader must know before using the number.
    """

    fields: Mapping[str, FieldWords]
    results: Mapping[str, ResultWords]
    groups: tuple[Group, ...] = ()
    missing: Mapping[str, Text] = field(default_factory=dict)
    caveat: Text = ""


def choices_of(choices: Choices) -> Sequence[tuple[str, Text]]:
    """The choices, read now."""
    return choices() if callable(choices) else choices
