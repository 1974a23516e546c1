"""Words of the stored results about episodes of CRS and ICANS."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.calculators.words import FieldWords, ResultWords
from cartpath.web.rule_shapes import RuleWords
from cartpath.web.rule_shapes import value_words as _value
from toxicity.models.episodes import Scale

_STATES: Final = (
    ("open", pgettext_lazy("episode", "open")),
    ("resolved", pgettext_lazy("episode", "resolved")),
)

EPISODE_WORDS: Final[Mapping[str, RuleWords]] = MappingProxyType(
    {
        "episode": RuleWords(
            title=_("Episode of CRS or ICANS"),
            value=_value(_("Episode"), choices=_STATES),
            fields={
                "scale": FieldWords(label=_("Scale"), choices=tuple(Scale.choices)),
                "number": FieldWords(label=_("Number")),
                "recurrence_of": FieldWords(
                    label=_("Recurrence of number"), none=pgettext_lazy("episode", "none")
                ),
                "onset_at": FieldWords(label=_("Onset")),
                "onset_grade": FieldWords(label=_("Grade at onset")),
                "peak_at": FieldWords(label=_("Peak")),
                "peak_grade": FieldWords(label=_("Highest grade")),
                "peak_at_least": FieldWords(label=_("Highest grade is a lower bound")),
                "last_sign_at": FieldWords(label=_("Last sign")),
                "settled_at": FieldWords(label=_("Resolution shown")),
                "hours": FieldWords(label=_("Hours without a sign"), unit="h"),
            },
            results={"state": ResultWords(label=_("Episode"), choices=_STATES)},
        ),
    }
)
