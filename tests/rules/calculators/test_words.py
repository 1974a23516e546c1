"""No calculator, field, flag or missing part without its words: a page would show a code instead."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.functional import Promise

from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.registry import CALCULATORS, STAGE_TITLES, Calculator, Stage
from cartpath.calculators.results import LOWER_BOUND
from cartpath.calculators.shape import Leaf, Listing, Node, Record, leaves, shape_of
from cartpath.calculators.words import FLAGS, WORDS, ResultWords, choices_of
from leukapheresis.rules import isbt128_meaning
from leukapheresis.rules.isbt128_structures import STRUCTURES
from tests.rules.calculators.examples import EXAMPLES

ROOT = Path(__file__).parents[3]
CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
each_calculator = pytest.mark.parametrize("calculator", CALCULATORS.values(), ids=lambda each: each.name)


def answer(name: str, given: dict[str, Any]) -> Any:
    """The answer to an input that must be accepted."""
    found = evaluate(CALCULATORS[name], json.dumps(given))
    assert "error" not in found, found
    return found


def test_words_and_calculators_are_the_same_names() -> None:
    assert set(WORDS) == set(CALCULATORS)


@each_calculator
def test_a_calculator_says_where_it_belongs_what_for_and_after_whom(calculator: Calculator) -> None:
    assert calculator.stage in Stage
    assert isinstance(calculator.title, Promise)
    assert isinstance(calculator.purpose, Promise)
    assert str(calculator.purpose).endswith(".")
    assert str(calculator.source)


def test_every_stage_has_a_title_and_a_calculator() -> None:
    assert list(STAGE_TITLES) == list(Stage)
    assert {each.stage for each in CALCULATORS.values()} == set(Stage)


@each_calculator
def test_every_field_of_an_input_has_words_and_no_words_are_left_over(calculator: Calculator) -> None:
    assert set(leaves(shape_of(calculator.input_type))) == set(WORDS[calculator.name].fields)


def coded(nodes: tuple[Node, ...], above: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every field with a fixed list of codes."""
    for node in nodes:
        path = f"{above}{node.path}"
        match node:
            case Leaf() if node.codes:
                yield path, node.codes
            case Record():
                yield from coded(node.parts, f"{path}.")
            case Listing(columns=(), entry=Record(parts=parts)):
                yield from coded(parts, f"{path}.")
            case Listing(entry=Leaf(codes=codes)) if codes:
                yield path, codes


@each_calculator
def test_every_code_of_an_input_can_be_chosen_by_a_word(calculator: Calculator) -> None:
    for path, codes in coded(shape_of(calculator.input_type)):
        labels = dict(choices_of(WORDS[calculator.name].fields[path].choices))
        assert list(labels) == list(codes) or set(labels) == set(codes), path
        assert all(str(label) for label in labels.values())


@each_calculator
def test_a_group_names_fields_that_exist(calculator: Calculator) -> None:
    fields = {node.path for node in shape_of(calculator.input_type)}
    named = [name for group in WORDS[calculator.name].groups for name in group.fields]
    assert set(named) <= fields
    assert len(named) == len(set(named))


def unsaid(words: ResultWords | None, value: Any, path: str) -> Iterator[str]:
    """The parts of a result that would be shown by their code."""
    if words is None:
        yield path
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from unsaid(words.parts.get(name), part, f"{path}.{name}")
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for row in value:
            for name, part in row.items():
                yield from unsaid(words.parts.get(name), part, f"{path}.{name}")
    elif isinstance(value, list):
        for part in value:
            if words.choices or isinstance(part, str):
                yield from unsaid(words, part, path)
    elif isinstance(value, str) and CODE.fullmatch(value):
        # An identifier is shown as it is.
        known = words.kind == "code" or value in dict(choices_of(words.choices))
        yield from () if known else (f"{path}={value}",)


@pytest.mark.parametrize(("name", "given"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else "")
def test_everything_in_an_answer_has_words(name: str, given: dict[str, Any]) -> None:
    found = answer(name, given)
    words = WORDS[name]
    results = {key: value for key, value in found["result"].items() if key != LOWER_BOUND}
    assert [
        each for key, value in results.items() for each in unsaid(words.results.get(key), value, key)
    ] == []
    known = {*words.missing, *words.fields}
    labels = {code for each in words.fields.values() for code, _label in choices_of(each.choices)}
    assert set(found["missing"]) <= known | labels
    assert set(found["flags"]) <= set(FLAGS)


@pytest.mark.parametrize(("name", "given"), EXAMPLES, ids=lambda each: each if isinstance(each, str) else "")
def test_the_scale_of_the_registry_is_that_of_the_answer(name: str, given: dict[str, Any]) -> None:
    found = answer(name, given)
    if CALCULATORS[name].scale:
        assert CALCULATORS[name].scale.startswith(found["scale"])
        assert (found["scale_version"] or "") in CALCULATORS[name].scale


def test_every_calculator_has_an_example() -> None:
    assert {name for name, _given in EXAMPLES} == set(CALCULATORS)


def test_every_structure_of_isbt_128_has_words_for_its_parts_and_its_codes() -> None:
    results = WORDS["isbt128_parse"].results
    assert {field.name for structure in STRUCTURES for field in structure.fields} <= set(results)
    for key, codes in (
        ("structure", [structure.name for structure in STRUCTURES]),
        ("special_message", isbt128_meaning.SPECIAL_MESSAGES.values()),
        ("product_kind", isbt128_meaning.PRODUCT_KINDS.values()),
        ("collection", isbt128_meaning.COLLECTION_TYPES.values()),
        ("flag_kind", ["reserved", "not_used", "process_control", "local", "check"]),
    ):
        assert set(codes) == set(dict(choices_of(results[key].choices))), key


def rules_used() -> set[str]:
    """The source of every rule module that a calculator reaches."""
    names = {each.calculate.__module__ for each in CALCULATORS.values()}
    found: set[str] = set()
    while names - found:
        name = (names - found).pop()
        found.add(name)
        path = ROOT / f"{name.replace('.', '/')}.py"
        imported = {
            node.module
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module
        }
        names |= {each for each in imported if re.search(r"\.(rules|grading)\.", f".{each}.")}
    return {(ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8") for name in found}


def flags_in(source: str) -> Iterator[str]:
    """The flags a rule can raise, found where rules write them."""
    for node in ast.walk(ast.parse(source)):
        places: list[ast.AST] = []
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if re.search(r"flag|broken", name, re.IGNORECASE) and node.value:
                    places = [node.value]
            case ast.Call(func=ast.Attribute(value=ast.Name(id="flags" | "broken")), args=args):
                places = list(args)
            case ast.Call(func=ast.Name(id="Finding"), args=[_, _, _, flags]):
                places = [flags]
            case ast.Call(func=ast.Name(id="_broken"), args=[*_, flag]):
                places = [flag]
            case ast.keyword(arg="flags", value=value):
                places = [value]
        for place in places:
            yield from (
                each.value
                for each in ast.walk(place)
                if isinstance(each, ast.Constant)
                and isinstance(each.value, str)
                and CODE.fullmatch(each.value)
            )


def test_every_flag_a_rule_can_raise_has_words() -> None:
    raised = {flag for source in rules_used() for flag in flags_in(source)}
    # Names of rows that are looked at, not flags.
    raised -= {"ecv_warn_percent", "blood_volumes_processed", "platelets_after"}
    assert len(raised) > 20
    assert raised <= set(FLAGS)
    assert {f"{quantity}_below_target" for quantity in ("tnc", "mnc", "cd3", "cd3_percent")} <= set(FLAGS)
