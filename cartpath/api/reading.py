"""Reads a request's body into an input dataclass, strictly, and says field by field why it is refused."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from http import HTTPStatus
from typing import Any, Final, TypeVar, get_type_hints

from django.http import HttpRequest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from cartpath.api.problems import ApiRefusal
from cartpath.calculators.refusals import refused_fields
from cartpath.core.errors import Invalid
from cartpath.core.inputs import invalid_input, json_name

__all__ = ["IMPLAUSIBLE_YEAR", "NO_NUL", "PLAUSIBLE_YEARS", "WHOLE_BODY", "read_body", "read_json", "renamed"]

T = TypeVar("T")

JSON: Final = "application/json"
WHOLE_BODY: Final = "body"
# Far enough from both ends of the calendar that no zone or window leads beyond them.
PLAUSIBLE_YEARS: Final = range(1900, 2201)
IMPLAUSIBLE_YEAR: Final = f"Give a year from {PLAUSIBLE_YEARS[0]} to {PLAUSIBLE_YEARS[-1]}."
NO_NUL: Final = "must not contain the character U+0000"
# What pydantic writes in front of a sentence of ours.
OWN_CHECK: Final = "Value error, "
# Where a field takes a day or a time, pydantic complains once for each and names it as a last step.
_KINDS_OF_MOMENT: Final = (".date", ".datetime")


def read_body(request: HttpRequest, shape: type[T]) -> T:
    """The body as `shape`, an input dataclass. An empty body counts as `{}`.

    Raises 415 for anything but JSON, and `Invalid` naming each field that is missing, unknown or wrong.
    """
    raw = read_json(request) or b"{}"
    known_shape: Any = shape
    try:
        given: T = _adapter(known_shape).validate_json(raw)
    except ValidationError as error:
        raise invalid_input(_plain(refused_fields(error))) from None
    except Invalid as refused:
        raise invalid_input(_located(shape, raw) or refused.fields or {WHOLE_BODY: refused.message}) from None
    problems = dict(_problems(given, ""))
    if problems:
        raise invalid_input(problems)
    return given


def read_json(request: HttpRequest) -> bytes:
    """The body as it came. Raises 415 for anything but JSON; an empty body has no type."""
    raw = request.body
    if raw and request.content_type != JSON:
        raise ApiRefusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", f"Send {JSON}.")
    return raw


def renamed(refused: Invalid, **names: str) -> Invalid:
    """The same refusal under the names the request used: `renamed(error, at="assessed_at")`."""
    renamed_fields = {names.get(name, name): why for name, why in refused.fields.items()}
    return Invalid(refused.code, refused.message, fields=renamed_fields)


@cache
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _located(shape: Any, raw: bytes) -> dict[str, str]:
    """What the checks of the body's own parts refuse, with the part's name in front: they don't know it."""
    found: dict[str, str] = {}
    parts = from_json(raw)
    for name, part in get_type_hints(shape, include_extras=True).items():
        if isinstance(parts.get(name), dict):
            try:
                _adapter(part).validate_json(to_json(parts[name]))
            except ValidationError:
                continue
            except Invalid as refused:
                found |= {f"{name}.{path}": why for path, why in refused.fields.items()}
    return found


def _plain(refused: dict[str, str]) -> dict[str, str]:
    """One entry per field, under the name the request used."""
    plain: dict[str, str] = {}
    for path, why in refused.items():
        name = next((path.removesuffix(kind) for kind in _KINDS_OF_MOMENT if path.endswith(kind)), path)
        plain.setdefault(name or WHOLE_BODY, why.removeprefix(OWN_CHECK))
    return plain


def _problems(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """What has the right type and still can't stand: U+0000 in a text, a year at the ends of the calendar."""
    if is_dataclass(value):
        for field in fields(value):
            name = json_name(field.name)
            yield from _problems(getattr(value, field.name), f"{path}.{name}" if path else name)
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _problems(item, f"{path}.{place}")
    elif isinstance(value, date) and value.year not in PLAUSIBLE_YEARS:
        yield path, IMPLAUSIBLE_YEAR
    elif isinstance(value, str) and "\0" in value:
        yield path, NO_NUL
