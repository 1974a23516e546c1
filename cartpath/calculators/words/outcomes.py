"""Words of the calculators of follow-up and of outcomes."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cartpath.calculators.words.shapes import CalculatorWords, FieldWords, ResultWords, Text
from cartpath.protocols import registry
from followup.rules.schedule import follow_up_items


def _protocols() -> Sequence[tuple[str, Text]]:
    newest = {protocol.id: protocol for protocol in registry.all_protocols()}
    return [(name, _now(protocol.title)) for name, protocol in newest.items()]


def _items() -> Sequence[tuple[str, Text]]:
    every = (item for protocol in registry.all_protocols() for item in follow_up_items(protocol.follow_up))
    return [(item.item, _now(item.label)) for item in every]


_LOW_HIGH: Final = {"0": ResultWords(label=_("from")), "1": ResultWords(label=_("to"))}

FOLLOW_UP_SCHEDULE: Final = CalculatorWords(
    fields={
        "protocol": FieldWords(label=_("Protocol"), choices=_protocols, hint=_("In its newest version.")),
        "infused_on": FieldWords(label=_("Day of the infusion")),
    },
    results={
        "items": ResultWords(
            label=_("Visits and registry forms"),
            parts={
                "item": ResultWords(label=_("Visit or form"), choices=_items),
                "due": ResultWords(label=_("Due"), kind="day"),
                "window": ResultWords(label=_("Window"), kind="day"),
            },
        )
    },
)

PROPORTION: Final = CalculatorWords(
    fields={
        "n": FieldWords(label=_("With the event")),
        "of": FieldWords(label=_("Observed in all")),
    },
    results={
        "value": ResultWords(label=_("Share"), none=_("not estimable"), lead=True),
        "clopper_pearson": ResultWords(
            label=_("95 % interval, exact (Clopper-Pearson)"), parts=_LOW_HIGH, none=_("not estimable")
        ),
        "wilson": ResultWords(
            label=_("95 % interval, score (Wilson)"), parts=_LOW_HIGH, none=_("not estimable")
        ),
    },
)
