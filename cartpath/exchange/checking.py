"""Checks at the bedside in a journey file: what a person set is done again, what was planned is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from annotated_types import Ge

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Moment
from cartpath.exchange.scene import Handler, named
from cartpath.ledger.kinds import EventKind
from cartpath.protocols.bedside_rows import CheckWord
from toxicity.checks.inputs import CheckChange
from toxicity.checks.services import check_change


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPlanned:
    """When the next check is due; `rule` is the row of the protocol, empty for a person's interval."""

    __pydantic_config__ = INPUT_CONFIG

    check: CheckWord
    every_minutes: Annotated[int, Ge(1)]
    due_at: Moment
    because: tuple[Literal["usual", "fever", "tachycardia", "crs", "icans", "person"], ...]
    rule: str
    done_at: Moment | None = None


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.CHECKS_CHANGED: Handler((CheckChange,), named(check_change, "change"), checked=("overrules",)),
}
COMPANIONS: Final[Mapping[EventKind, type]] = {EventKind.CHECK_PLANNED: CheckPlanned}
