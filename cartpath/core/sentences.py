"""Sentences that rules write and pages translate.

Rules are pure and know no language but English. A sentence they write remembers its template and its
values, so that a page can show it in the reader's language while records and the API keep plain text. A
value may be a sentence itself: `say("Oxygen by {device}.", device=say("face mask"))`.
"""

from collections.abc import Iterable, Mapping
from functools import cache

__all__ = ["Sentence", "listed", "say"]


class Sentence(str):
    """An English sentence that remembers how it was made.

    `template` is the text with named places, `values` what was put into them. A page translates the
    template and fills it again; everything else uses the string that it is.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> "Sentence":
        """Fill the template."""
        sentence = super().__new__(cls, template.format_map(values) if values else template)
        sentence.template = template
        sentence.values = values
        return sentence

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]
        """What a copy or a pickle is made of; `str` would hand on the filled text alone."""
        return self.template, self.values


def say(template: str, **values: object) -> Sentence:
    """Build a sentence: `say("Grade {grade}.", grade=2)` is the string "Grade 2."."""
    return Sentence(template, values) if values else _plain(template)


def listed(words: Iterable[str]) -> Sentence:
    """Words one after the other, each of which a page still translates by itself."""
    values = {f"word_{place}": word for place, word in enumerate(words, start=1)}
    return Sentence(", ".join(f"{{{name}}}" for name in values), values)


@cache
def _plain(template: str) -> Sentence:
    """A sentence without values is always the same, and rules say most of theirs again and again."""
    return Sentence(template, {})
