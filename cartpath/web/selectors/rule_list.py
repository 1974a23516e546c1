"""Every rule of CARTPath in one list, made from the data: rows of protocols, scales and calculators."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cartpath.accounts.models import Center
from cartpath.calculators.registry import CALCULATORS, STAGE_TITLES, Calculator, Stage
from cartpath.protocols import catalog, registry
from cartpath.protocols.difference import rows_by_section
from cartpath.protocols.rows import Row
from cartpath.protocols.schema import Protocol
from cartpath.web.components import Look
from cartpath.web.selectors.protocol_values import label_text, validity_text, value_text, words_text
from cartpath.web.selectors.protocol_words import STATUS_LOOKS, Text

PATIENTS: Final = "patients"
REMINDERS: Final = "reminders"
BUILT_IN: Final = "built_in"
LOOKS: Final[dict[str, Look]] = STATUS_LOOKS | {
    BUILT_IN: Look(pgettext_lazy("rule", "Scale or calculator"), "scale", "accent")
}

# The rooms in the order of the child's way, and the room a section of a protocol belongs to.
ROOMS: Final[dict[str, str | Promise]] = {
    PATIENTS: gettext_lazy("Referral and eligibility"),
    **{stage.value: title for stage, title in STAGE_TITLES.items()},
    REMINDERS: gettext_lazy("Reminders on the way"),
}
_ROOM_OF: Final = {
    "eligibility": PATIENTS,
    "washouts": Stage.LEUKAPHERESIS,
    "apheresis": Stage.LEUKAPHERESIS,
    "collection": Stage.LEUKAPHERESIS,
    "manufacturing": Stage.MANUFACTURING,
    "lymphodepletion": Stage.INFUSION,
    "infusion": Stage.INFUSION,
    "monitoring": Stage.TOXICITY,
    "follow_up": Stage.FOLLOW_UP,
    "pathway": REMINDERS,
}
_ROOM_OF_PRODUCT: Final = {"indications": PATIENTS, "expiry": Stage.LEUKAPHERESIS}


@dataclass(frozen=True, slots=True)
class Use:
    """One version of a protocol in which a rule stands."""

    protocol_id: str
    version: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule. `calculator` is its name when it is one; the others stand in protocols."""

    id: str
    label: str | Promise
    text: str | Promise
    value: Text
    status: str
    is_off: bool
    validity: str
    source: str | Promise
    uses: Sequence[Use] = ()
    calculator: str = ""

    @property
    def look(self) -> Look:
        """How its status is drawn."""
        return LOOKS[self.status]


@dataclass(frozen=True, slots=True)
class Room:
    """The rules of one room of the house."""

    key: str
    title: str | Promise
    rules: Sequence[RuleLine]


@dataclass(frozen=True, slots=True)
class Facet:
    """One choice of a filter with what it would show."""

    key: str
    label: str | Promise
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleList:
    """The rules of the filters, and what each choice of a filter would show beside the other filter."""

    rooms: Sequence[Room]
    statuses: Sequence[Facet]
    places: Sequence[Facet]
    shown: int
    total: int


def rule_list(center: Center, *, status: str = "", room: str = "") -> RuleList:
    """Every rule, or those of one status and one room. One query, for the center's editions."""
    found = list(all_rules(center))
    shown = [(where, rule) for where, rule in found if _fits(rule, where, status, room)]
    rooms = [
        Room(key, title, [rule for where, rule in shown if where == key]) for key, title in ROOMS.items()
    ]
    return RuleList(
        rooms=[each for each in rooms if each.rules],
        statuses=[
            Facet(key, look.word, sum(_fits(rule, where, key, room) for where, rule in found))
            for key, look in LOOKS.items()
        ],
        places=[
            Facet(key, title, sum(_fits(rule, where, status, key) for where, rule in found))
            for key, title in ROOMS.items()
        ],
        shown=len(shown),
        total=len(found),
    )


def all_rules(center: Center) -> Iterator[tuple[str, RuleLine]]:
    """Each rule once with its room: first the rows, in the order of a protocol, then what is built in.

    The same row in several protocols is one rule; another wording, figure or source makes another one.
    """
    uses: dict[tuple[str, str, str], list[Use]] = {}
    rows: dict[tuple[str, str, str], tuple[str, Row, str]] = {}
    for protocol in _protocols(center):
        url = reverse("web:protocol", args=[protocol.id, protocol.version])
        use = Use(protocol.id, protocol.version, url)
        for section, row in rows_by_section(protocol):
            citation = protocol.cite(row)
            key = (section, repr(row), citation)
            rows.setdefault(key, (section, row, citation))
            uses.setdefault(key, []).append(use)
    for key, (section, row, citation) in rows.items():
        yield room_of(section), _row_line(row, citation, uses[key])
    for calculator in CALCULATORS.values():
        yield calculator.stage.value, _calculator_line(calculator)


def room_of(section: str) -> str:
    """The room whose work a section of a protocol is about."""
    first, _dot, rest = section.partition(".")
    if first == "product":
        return _ROOM_OF_PRODUCT.get(rest, Stage.INFUSION)
    return _ROOM_OF.get(first, REMINDERS)


def _protocols(center: Center) -> Iterable[Protocol]:
    """Every shipped version, and the center's newest edition of each protocol."""
    newest = {protocol.id: protocol for protocol in _by_number(catalog.editions_in_use(center.pk))}
    return (*registry.all_protocols(), *newest.values())


def _by_number(editions: Iterable[Protocol]) -> list[Protocol]:
    return sorted(editions, key=lambda protocol: int(protocol.version.rpartition("-")[2]))


def _fits(rule: RuleLine, where: str, status: str, room: str) -> bool:
    return (not status or rule.status == status) and (not room or where == room)


def _row_line(row: Row, citation: str, uses: Sequence[Use]) -> RuleLine:
    return RuleLine(
        id=row.id,
        label=label_text(row),
        text=words_text(row),
        value=value_text(row),
        status=row.status,
        is_off=row.is_off,
        validity=validity_text(row),
        source=citation,
        uses=uses,
    )


def _calculator_line(calculator: Calculator) -> RuleLine:
    return RuleLine(
        id=calculator.name,
        label=calculator.title,
        text=calculator.purpose,
        value=calculator.scale or _("no published scale"),
        status=BUILT_IN,
        is_off=False,
        validity="",
        source=calculator.source,
        calculator=calculator.name,
    )
