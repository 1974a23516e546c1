"""What a laboratory reports, as written: not yet understood, not yet checked. And how such texts are read."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

__all__ = ["Amount", "Reported", "amount_of", "moment_of", "range_of"]

Standing = Literal["final", "corrected", "preliminary", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """One value as reported; `line` is its line in the text, counted from 1.

    `code` is the laboratory's own, where it gives one. `taken_at` is None when the time is missing or can't
    be read; `taken` is what was written.
    """

    line: int
    name: str
    value: str
    unit: str
    loinc: str = ""
    code: str = ""
    limits: str = ""
    taken: str = ""
    taken_at: datetime | None = None
    order: str = ""
    standing: Standing = "final"

    @property
    def said(self) -> str:
        """What the value is called: its code where there is one, else its name."""
        return self.code or self.name or self.loinc


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what stands before it: `<`, `>` or nothing."""

    number: float
    comparator: Literal["", "<", ">"] = ""


_AMOUNT: Final = re.compile(
    r"(?P<sign>[<>≤≥]?)\s*=?\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?:\*+|[HL]{1,2}|[↑↓]+)?"
)
# A comma before exactly three digits may be a decimal mark or a mark of thousands; a leading 0 decides.
_AMBIGUOUS: Final = re.compile(r"[1-9]\d{0,2},\d{3}")
_RANGE: Final = re.compile(r"(?P<low>\d+(?:[.,]\d+)?)\s*(?:-|–|—|\.\.|to)\s*(?P<high>\d+(?:[.,]\d+)?)")
_UP_TO: Final = re.compile(r"(?:<|≤|<=|up to)\s*(?P<high>\d+(?:[.,]\d+)?)")
_FROM: Final = re.compile(r"(?:>|≥|>=)\s*(?P<low>\d+(?:[.,]\d+)?)")
_HL7_TIME: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(?:(\d{2})(?:\.\d+)?)?([+-]\d{4})?")
_WRITTEN: Final = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d-%b-%Y %H:%M",
    "%d %b %Y %H:%M",
)
_SLASHES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ ,]+(\d{1,2}:\d{2})")
_MONTHS: Final = 12


def amount_of(text: str) -> Amount | None:
    """The number in a text, with a decimal point or comma and no mark of thousands; None when unsure.

    `1,234` is not read: it may be 1.234 or 1234. Flags behind the number (`H`, `L`, `*`) are left out.
    Source: design.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or _AMBIGUOUS.fullmatch(found["number"]):
        return None
    sign = found["sign"]
    comparator: Literal["", "<", ">"] = "<" if sign in ("<", "≤") else ">" if sign in (">", "≥") else ""
    return Amount(_number(found["number"]), comparator)


def range_of(text: str) -> tuple[float | None, float | None]:
    """The lower and the upper limit in a text such as `10-40`, `< 40` or `> 3`; None is no limit.

    Source: HL7 v2, OBX-7.
    """
    text = text.strip().strip("[]()")
    if found := _RANGE.fullmatch(text):
        return _number(found["low"]), _number(found["high"])
    if found := _UP_TO.fullmatch(text):
        return None, _number(found["high"])
    if found := _FROM.fullmatch(text):
        return _number(found["low"]), None
    return None, None


def moment_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The time in a text, to the minute; without an offset it's the center's. None when unsure.

    A day without a time is not read, nor `05/03/2026`, which is two days on two sides of an ocean.
    Source: ISO 8601; HL7 v2, type TS.
    """
    text = text.strip()
    try:
        return _aware(_written(text), zone)
    except ValueError:
        return None


def _written(text: str) -> datetime:
    if found := _HL7_TIME.fullmatch(text):
        digits = "".join(found.group(1, 2, 3, 4, 5))
        offset = found[7]
        if offset:
            return datetime.strptime(digits + offset, "%Y%m%d%H%M%z")
        return datetime.strptime(digits, "%Y%m%d%H%M")  # noqa: DTZ007  the zone is the center's
    if found := _SLASHES.fullmatch(text):
        return _slashed(int(found[1]), int(found[2]), int(found[3]), found[4])
    for pattern in _WRITTEN:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the center's
        except ValueError:
            continue
    if len(text) <= len("2026-03-05"):
        raise ValueError("a day without a time")
    return datetime.fromisoformat(text)


def _slashed(first: int, second: int, year: int, time: str) -> datetime:
    if first > _MONTHS:
        day, month = first, second
    elif second > _MONTHS or first == second:
        day, month = second, first
    else:
        raise ValueError("day and month can't be told apart")
    return datetime.strptime(f"{year}-{month:02}-{day:02} {time}", "%Y-%m-%d %H:%M")  # noqa: DTZ007


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return aware.replace(second=0, microsecond=0)


def _number(text: str) -> float:
    return float(text.replace(",", "."))
