"""Conditions before the infusion: whether each holds, how strict it is, and who may go on against it.

Source: the stop rows, the checklist and the limits of the product's protocol.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cartpath.protocols.words import Severity

State = Literal["met", "open", "unknown", "overridden"]
Agreement = Literal["agree", "differ", "unknown"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One condition. `label` and `said` are English sentences of rules; `roles` may go on against it.

    `page` names the page where it is met. `reason`, `by` say why and by whom it was overridden.
    """

    name: str
    label: str
    state: State
    severity: Severity
    said: tuple[str, ...] = ()
    source: str = ""
    roles: tuple[str, ...] = ()
    page: str = ""
    reason: str = ""
    by: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether it no longer needs anybody."""
        return self.state in ("met", "overridden")

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the infusion waits for it."""
        return self.severity == "block" and not self.is_settled

    @property
    def can_be_overridden(self) -> bool:
        """Whether anybody may go on against it on this page."""
        return not self.is_settled and bool(self.roles)


def in_the_way(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions for which the infusion waits, in their order.

    Source: the stop rows of the protocol.
    """
    return tuple(each for each in conditions if each.stands_in_the_way)


def to_look_at(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions that don't hold the infusion but are not settled.

    Source: the stop rows of the protocol.
    """
    return tuple(each for each in conditions if not each.is_settled and not each.stands_in_the_way)


def comparable(identifier: str) -> str:
    """An identifier as it is compared: without spaces, whatever its case. Source: the labels of the maker."""
    return "".join(identifier.split()).casefold()


def agreement(shown: Mapping[str, str]) -> Agreement:
    """Whether one identifier is the same wherever it stands. One that stands nowhere else is unknown.

    `shown` maps each place to what stands there, "" where it isn't known. A difference outweighs what is
    unknown. Source: stop row of the protocol about order, certificate, bags and child.
    """
    known = [comparable(value) for value in shown.values() if value.strip()]
    if len(set(known)) > 1:
        return "differ"
    return "agree" if len(known) == len(shown) and len(shown) > 1 else "unknown"


def is_tied(bag: Mapping[str, str], record: Mapping[str, str]) -> bool:
    """Whether a bag carries at least one identifier that order or certificate name, too.

    Both map the kind of identifier to its value, "" where it isn't known. Source: stop row of the protocol
    about order, certificate and bags.
    """
    return any(
        bool(value.strip()) and comparable(value) == comparable(record.get(kind, ""))
        for kind, value in bag.items()
    )


def change_percent(*, ordered_kg: float | None, now_kg: float | None) -> float | None:
    """How far the weight moved since the order, in percent of it, signed; None while one is unknown.

    Source: the limit of the protocol on the change of weight.
    """
    if ordered_kg is None or now_kg is None:
        return None
    return (now_kg - ordered_kg) * 100 / ordered_kg


def may_override(roles: Sequence[str], held: Sequence[str], seniors: Mapping[str, frozenset[str]]) -> bool:
    """Whether somebody who holds some roles may go on against a stop of `roles`, or of their seniors.

    Source: the stop rows of the protocol.
    """
    allowed = {role for named in roles for role in (named, *seniors.get(named, frozenset()))}
    return not allowed.isdisjoint(held)
