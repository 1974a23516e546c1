"""Reads the parameters behind the question mark: every name known, every value one that can match."""

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime, tzinfo
from typing import Final
from uuid import UUID

from django.http import QueryDict

from cartpath.api.auth import CenterOf, Client
from cartpath.api.reading import IMPLAUSIBLE_YEAR, NO_NUL, PLAUSIBLE_YEARS
from cartpath.core.dates import local_midnight, parse_moment
from cartpath.core.inputs import invalid_input

__all__ = ["Query"]

# In a URL a plus sign is a space; a client that forgot to write %2B means the offset it lost.
_LOST_PLUS: Final = re.compile(r"(?<=\d) (?=\d{2}:\d{2}$)")
_LONGEST: Final = 200


class Query:
    """The parameters of one request. Each method reads one; problems add up until `refuse_problems`."""

    def __init__(self, given: QueryDict, known: Collection[str]) -> None:
        self._given = given
        self._problems: dict[str, str] = {}
        for name in given:
            values = given.getlist(name)
            if name not in known:
                self._problems[name[:_LONGEST]] = f"Unknown parameter. Known: {', '.join(sorted(known))}."
            elif len(values) > 1:
                self._problems[name] = "Give it once."
            elif "\0" in values[0] or len(values[0]) > _LONGEST:
                self._problems[name] = f"{NO_NUL} nor be longer than {_LONGEST} characters"

    def refuse_problems(self) -> None:
        """Raise `Invalid` naming every parameter that was refused."""
        if self._problems:
            raise invalid_input(self._problems)

    def refuse(self, name: str, why: str) -> None:
        """Note a problem; the first one of each parameter counts."""
        self._problems.setdefault(name, why)

    def text(self, name: str) -> str | None:
        """The value as it stands; None when it was not given."""
        return None if name in self._problems else self._given.get(name)

    def choice(self, name: str, choices: Iterable[str]) -> str | None:
        """One of a list of words."""
        value, words = self.text(name), list(choices)
        if value is not None and value not in words:
            self.refuse(name, f"Choose from: {', '.join(words)}.")
            return None
        return value

    def only_true(self, name: str) -> bool:
        """A switch: `true`, or left out."""
        return self.choice(name, ["true"]) is not None

    def uuid(self, name: str) -> UUID | None:
        """An id."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return UUID(value)
        except ValueError:
            self.refuse(name, "Give an id (UUID).")
            return None

    def number(self, name: str, *, low: int, high: int, default: int) -> int:
        """A whole number within limits."""
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdecimal() and low <= int(value) <= high):
            self.refuse(name, f"Give a whole number from {low} to {high}.")
            return default
        return int(value)

    def time(self, name: str) -> datetime | None:
        """A time with its offset."""
        told = self._moment(name)
        if told is None or isinstance(told, datetime):
            return told
        self.refuse(name, "Give a time with its offset, such as 2026-03-02T08:00:00+01:00.")
        return None

    def time_or_day(self, name: str, zones: Collection[tzinfo]) -> datetime | None:
        """A time, or the beginning of a day where all centers that are asked about share a zone."""
        told = self._moment(name)
        if told is None or isinstance(told, datetime):
            return told
        if len(zones) == 1:
            return local_midnight(told, next(iter(zones)))
        self.refuse(name, "The centers lie in several time zones: give a time with its offset.")
        return None

    def center(self, name: str, client: Client) -> CenterOf | None:
        """One of the client's centers, by code. Others can't be told from none at all."""
        if self.text(name) is None:
            return None
        code = self.choice(name, sorted(center.code for center in client.centers.values()))
        return None if code is None else client.center_named(code)

    def _moment(self, name: str) -> datetime | date | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = parse_moment(_LOST_PLUS.sub("+", value))
        except ValueError as error:
            self.refuse(name, str(error))
            return None
        if moment.year not in PLAUSIBLE_YEARS:
            self.refuse(name, IMPLAUSIBLE_YEAR)
            return None
        return moment
