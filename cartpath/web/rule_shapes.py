"""How a stored result of a rule is said: the shape of its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cartpath.calculators.words import FieldWords, ResultWords
from cartpath.calculators.words.shapes import Choices, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWords:
    """`value` says the one value that counts, `fields` the inputs, `results` the rest of the answer."""

    title: Text
    value: ResultWords
    fields: Mapping[str, FieldWords] = field(default_factory=dict)
    results: Mapping[str, ResultWords] = field(default_factory=dict)
    missing: Mapping[str, Text] = field(default_factory=dict)
    caveat: Text = ""


def value_words(
    label: Text, *, scale: str = "", choices: Choices = (), kind: str = "plain", yes: Text = "", no: Text = ""
) -> ResultWords:
    """The words of the one value that counts."""
    return ResultWords(label=label, scale=scale, choices=choices, kind=kind, yes=yes, no=no)  # type: ignore[arg-type]
