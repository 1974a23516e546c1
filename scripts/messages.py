"""Keeps the translations: `update` collects every visible string, `compile` writes the .mo, `check` judges.

Pure Python (Babel), so that no machine needs the gettext tools. Strings come from Python code, templates,
protocol files and the sentences that rules write.
"""

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("it",)
APPS = ("cartpath", "patients", "leukapheresis", "manufacturing", "infusion", "toxicity", "followup")
KEYWORDS: Any = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
FIRST_RELEASE = datetime(2026, 11, 22, tzinfo=UTC)
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+[^}]*\}|%[sd]")

Found = tuple[str | tuple[str, str], str | None, str]


def main(arguments: list[str]) -> int:
    """Run one of update, compile, check; returns the exit code."""
    command = arguments[0] if arguments else "check"
    if command not in {"update", "compile", "check"}:
        sys.stderr.write("usage: messages.py update|compile|check\n")
        return 2
    _set_up_django()
    template = collect()
    problems: list[str] = []
    for language in LANGUAGES:
        if command == "update":
            update(language, template)
        if command in {"update", "compile"}:
            compile_catalog(language)
        problems += check(language, template)
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"{len(template)} strings, {len(problems)} problems.\n")
    return 1 if problems and command == "check" else 0


def _set_up_django() -> None:
    import os

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("CARTPATH_ENV", "test")
    os.environ.setdefault("SECRET_KEY", "only-for-collecting-strings-" + "0123456789abcdef" * 3)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")
    import django

    django.setup()


def collect() -> Catalog:
    """Every visible string with the places it stands in."""
    catalog = Catalog(project="CARTPath", charset="utf-8")
    for words, context, place in [*_from_python(), *_from_templates(), *_from_rules(), *_from_protocols()]:
        catalog.add(words, locations=[(place, 0)], context=context, flags=_flags(words))
    return catalog


def _flags(words: str | tuple[str, str]) -> set[str]:
    text = words if isinstance(words, str) else words[0]
    return {"python-format"} if "%(" in text else set()


def _sources(pattern: str) -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob(pattern)):
            if "migrations" not in path.parts:
                yield path


def _extracted(source: bytes, place: str) -> Iterator[Found]:
    for _line, called, words, _comments in extract_python(
        io.BytesIO(source), KEYWORDS, [], {"encoding": "utf-8"}
    ):
        function = str(called)
        texts = [str(each) for each in (words if isinstance(words, (tuple, list)) else (words,)) if each]
        context = texts.pop(0) if "pgettext" in function and len(texts) > 1 else None
        if function.startswith(("ngettext", "npgettext")):
            yield (texts[0], texts[1]), context, place
        elif texts:
            yield texts[0], context, place


def _from_python() -> Iterator[Found]:
    for path in _sources("*.py"):
        yield from _extracted(path.read_bytes(), path.relative_to(ROOT).as_posix())


def _from_templates() -> Iterator[Found]:
    from django.utils.translation.template import templatize

    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            place = path.relative_to(ROOT).as_posix()
            code = templatize(path.read_text(encoding="utf-8"), origin=place)
            # What is left of the markup has no meaning as Python, its indentation least of all.
            flat = "\n".join(line.strip() for line in code.splitlines())
            yield from _extracted(flat.encode(), place)


def _from_rules() -> Iterator[Found]:
    """The sentences of the rules: first argument of every `say("…")`."""
    for path in _sources("*.py"):
        text = path.read_text(encoding="utf-8")
        if "say(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value, None, path.relative_to(ROOT).as_posix()


def _from_protocols() -> Iterator[Found]:
    from cartpath.protocols.labels import protocol_strings

    for text in protocol_strings():
        yield text, None, "cartpath/protocols"


def _po(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _read(language: str) -> Catalog:
    path = _po(language)
    if not path.exists():
        return Catalog(locale=language, project="CARTPath", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, template: Catalog) -> None:
    """Bring the catalog in line with the template; nothing is guessed, what is gone is dropped."""
    catalog = _read(language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = "# Translations of CARTPath. Keep them with `scripts/messages.py update`."
    catalog.fuzzy = False
    # A date that changes with every run would make every run a change.
    catalog.creation_date = catalog.revision_date = FIRST_RELEASE
    path = _po(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, omit_header=False, include_lineno=False)


def compile_catalog(language: str) -> None:
    """Write the .mo beside the .po."""
    with _po(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, _read(language))


def check(language: str, template: Catalog) -> list[str]:
    """What is missing, left over, fuzzy, or has other places than the English text."""
    catalog = _read(language)
    problems = [f"{language}: “{_first(m)}” is not in the catalog" for m in _absent(template, catalog)]
    problems += [f"{language}: “{_first(m)}” is no longer used" for m in _absent(catalog, template)]
    for message in catalog:
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy or not all(texts):
            problems.append(f"{language}: “{_first(message)}” is not translated")
        elif {frozenset(PLACE.findall(str(t))) for t in texts} - {
            frozenset(PLACE.findall(t)) for t in _ids(message)
        }:
            problems.append(f"{language}: “{_first(message)}” has other places in its translation")
    expected = io.BytesIO()
    write_mo(expected, catalog)
    compiled = _po(language).with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != expected.getvalue():
        problems.append(f"{language}: the compiled catalog is out of date; run `messages.py compile`")
    return problems


def _ids(message: Message) -> Iterable[str]:
    return message.id if isinstance(message.id, (tuple, list)) else (message.id,)


def _first(message: Message) -> str:
    return next(iter(_ids(message)))


def _absent(these: Catalog, others: Catalog) -> list[Message]:
    return [m for m in these if m.id and others.get(_first(m), m.context) is None]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
