"""Reads protocol files. Everything wrong with a file becomes a `ProtocolError` with file, line and reason."""

import json
import re
import tomllib
from collections import ChainMap
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from cartpath.protocols import checks
from cartpath.protocols.errors import ProtocolError
from cartpath.protocols.schema import (
    ApheresisRules,
    EligibilityPart,
    FollowUp,
    Part,
    Pathway,
    Protocol,
    ProtocolFile,
    WashoutRuleSet,
)
from cartpath.protocols.toml_lines import line_of

PART_TYPES: Final[dict[str, type[Part]]] = {
    "eligibility": EligibilityPart,
    "washouts": WashoutRuleSet,
    "apheresis": ApheresisRules,
    "pathway": Pathway,
    "follow_up": FollowUp,
}

# Built once: building one costs more than reading a file.
_SHAPES: Final[tuple[type[Any], ...]] = (ProtocolFile, *PART_TYPES.values())
_ADAPTERS: Final[dict[type[Any], TypeAdapter[Any]]] = {shape: TypeAdapter(shape) for shape in _SHAPES}

_SYNTAX_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)")
_VERSION: Final = re.compile(r"[1-9][0-9]*")

Document = TypeVar("Document", bound=ProtocolFile | Part)
PartKey = tuple[str, str]
PartT = TypeVar("PartT", bound=Part)


def read_folder(folder: Path) -> tuple[tuple[Protocol, ...], tuple[Part, ...]]:
    """Every protocol in `data/<id>/<version>.toml` and every part in `parts/<kind>/<id>/<version>.toml`.

    Raises ProtocolError at the first file that can't be used.
    """
    parts = {
        (kind, f"{path.parent.name}/{path.stem}"): read_document(path, part_type)
        for kind, part_type in PART_TYPES.items()
        for path in sorted((folder / "parts" / kind).glob("*/*.toml"))
    }
    protocols = tuple(read_protocol(path, parts) for path in sorted((folder / "data").glob("*/*.toml")))
    return protocols, tuple(parts.values())


def read_protocol(path: Path, parts: dict[PartKey, Part]) -> Protocol:
    """One protocol file joined with the parts it names. Raises ProtocolError."""
    written = read_document(path, ProtocolFile)
    text = path.read_text(encoding="utf-8")

    def part(kind: str, part_type: type[PartT]) -> PartT:
        name = getattr(written.parts, kind)
        found = parts.get((kind, name))
        if not isinstance(found, part_type):
            reason = f"parts.{kind}: there is no part {name!r}"
            raise ProtocolError(path, line_of(text, ("parts", kind)), reason)
        return found

    shared = part("eligibility", EligibilityPart)
    washouts = part("washouts", WashoutRuleSet)
    apheresis = part("apheresis", ApheresisRules)
    pathway = part("pathway", Pathway)
    follow_up = part("follow_up", FollowUp)
    used = (shared, washouts, apheresis, pathway, follow_up)
    protocol = Protocol(
        id=written.id,
        version=written.version,
        title=written.title,
        sources=dict(ChainMap(written.sources, *(part.sources for part in used))),
        product=written.product,
        eligibility=(*written.eligibility, *shared.criteria),
        washouts=washouts,
        apheresis=apheresis,
        collection=written.collection,
        manufacturing=written.manufacturing,
        lymphodepletion=written.lymphodepletion,
        infusion=written.infusion,
        monitoring=written.monitoring,
        pathway=pathway,
        follow_up=replace(follow_up, assessments=(*follow_up.assessments, *written.assessments)),
    )
    for problem in checks.of_protocol(protocol, written, used):
        raise ProtocolError(path, line_of(text, problem.path), str(problem))
    return protocol


def read_document(path: Path, shape: type[Document]) -> Document:
    """One file, validated against its shape and against itself. Raises ProtocolError."""
    text = _read_text(path)
    document = _validate(path, text, _parse(path, text), shape)
    for problem in (*_name_problems(path, document), *checks.of_document(document)):
        raise ProtocolError(path, line_of(text, problem.path), str(problem))
    return document


def _read_text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProtocolError(path, line, "the file isn't UTF-8 text") from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _SYNTAX_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise ProtocolError(path, line, _SYNTAX_LINE.sub("", str(error)).strip()) from error


def _validate(path: Path, text: str, tables: dict[str, Any], shape: type[Document]) -> Document:
    # As JSON, because strict types then still take an array for a tuple and a date for a date.
    as_json = json.dumps(tables, default=_iso)
    try:
        document: Document = _ADAPTERS[shape].validate_json(as_json)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = first["loc"]
        reason = f"{checks.dotted(where)}: {first['msg']}"
        raise ProtocolError(path, line_of(text, where), reason) from error
    return document


def _iso(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a protocol file")


def _name_problems(path: Path, document: ProtocolFile | Part) -> list[checks.Problem]:
    problems: list[checks.Problem] = []
    if document.id != path.parent.name:
        problems.append(checks.Problem(("id",), f"should be {path.parent.name!r}, the name of the folder"))
    if document.version != path.stem:
        problems.append(checks.Problem(("version",), f"should be {path.stem!r}, the name of the file"))
    if not _VERSION.fullmatch(document.version):
        problems.append(checks.Problem(("version",), "should be a whole number from 1, in quotes"))
    return problems
