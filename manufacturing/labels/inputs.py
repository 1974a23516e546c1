"""What the services of labels take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, MaxLen

from cartpath.core.inputs import INPUT_CONFIG

Number = Annotated[int, Ge(1), Le(100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWanted:
    """`count` labels of one thing: the item with this number, or the child's wristband."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["item", "wristband"]
    size: Literal["bag", "box", "vial", "wristband"]
    item: Annotated[int, Ge(1), Le(10_000)] | None = None
    count: Annotated[int, Ge(1), Le(20)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintDetails:
    """One print: its labels, what is in the printer, the first free label of a used sheet (from 1).

    `reason` says why something is printed again. `replaces` makes a new wristband with a new code; the one
    before it isn't read any more.
    """

    __pydantic_config__ = INPUT_CONFIG

    labels: list[LabelWanted]
    paper: Literal["roll", "sheet"]
    reason: Literal["", "spoiled", "unreadable", "lost", "wrong_data", "second_place"] = ""
    start: Annotated[int, Ge(1), Le(60)] = 1
    replaces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDetails:
    """What became of printed labels, by their numbers."""

    __pydantic_config__ = INPUT_CONFIG

    labels: list[Number]
    state: Literal["applied", "spoiled", "destroyed"]
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDetails:
    """What every label of a center says; its facility number is given to it by ICCBBA."""

    fin: str = ""
    facility: str = ""
    address: str = ""
