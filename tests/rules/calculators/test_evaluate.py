"""Every calculator, whatever it is given: an answer or a refusal, never a traceback."""

import ast
import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.management.commands.calculate import answer_lines
from cartpath.calculators.registry import CALCULATORS
from cartpath.core.sentences import Sentence
from tests.rules.calculating import ORACLES, run

NAMES = sorted(CALCULATORS)
ANSWER = ["name", "result", "scale", "scale_version", "source", "explanation", "missing", "flags"]
EXAMPLES = {row["calculator"]: row["input"] for row in ORACLES}

scalars: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["none", "never", "male", "2026-03-02", "2026-03-02T08:00:00+01:00", "=G12341765432100", "&:"]
    ),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def check(answer: dict[str, Any], name: str) -> None:
    """The promised shape, and nothing that JSON can't carry."""
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["name"] == name
    if "error" in answer:
        assert list(answer) == ["name", "error"]
        assert answer["error"]["code"] == "invalid_input"
        assert answer["error"]["fields"]
        assert all(isinstance(reason, str) and reason for reason in answer["error"]["fields"].values())
        return
    assert list(answer) == ANSWER
    assert answer["source"]
    assert answer["explanation"]
    # Whoever was not told something says so.
    if answer["missing"] and "at_least" in answer["result"]:
        assert answer["result"]["at_least"] is True


@pytest.mark.parametrize("name", NAMES)
@given(raw=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode())))
def test_a_line_of_anything_is_answered(name: str, raw: bytes) -> None:
    check(evaluate(CALCULATORS[name], raw), name)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_arbitrary_json_in_the_right_fields_is_answered(name: str, data: st.DataObject) -> None:
    fields = [*CALCULATORS[name].input_type.__dataclass_fields__, "something_else"]
    given_input = data.draw(st.dictionaries(st.sampled_from(fields), values, max_size=5))
    check(evaluate(CALCULATORS[name], json.dumps(given_input)), name)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@given(data=st.data())
def test_an_example_with_one_field_disturbed_is_answered(name: str, data: st.DataObject) -> None:
    example = dict(EXAMPLES[name])
    example[data.draw(st.sampled_from(sorted(example)))] = data.draw(values)
    check(evaluate(CALCULATORS[name], json.dumps(example)), name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"{",
        b"[]",
        b"null",
        b"42",
        b'"text"',
        b"{}}",
        b"\xff\xfe",
        b"\x00",
        b"[" * 100_000,
        b'{"a":' * 5_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"NaN",
        b'{"\\ud800": 1}',
    ],
    ids=range(15),
)
def test_what_is_no_object_is_refused(name: str, raw: bytes) -> None:
    answer = evaluate(CALCULATORS[name], raw)
    check(answer, name)
    assert "error" in answer


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_no_number_is_refused(number: str) -> None:
    answer: Any = evaluate(CALCULATORS["crs"], f'{{"temperature_c": {number}}}')
    assert list(answer["error"]["fields"]) == ["temperature_c"]


@pytest.mark.parametrize("volume", [4000, 5e-324])
def test_a_result_beyond_all_numbers_is_refused(volume: float) -> None:
    given_input = {"product_cells": 1e12, "pre_count_per_ul": 5e-324, "volume_processed_ml": volume}
    check(evaluate(CALCULATORS["collection_efficiency"], json.dumps(given_input)), "collection_efficiency")


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_unknown_field_is_refused_by_name(name: str) -> None:
    assert run(name, **EXAMPLES[name], shoe_size=39)["error"]["fields"] == {
        "shoe_size": "is not a known field"
    }


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_the_order_of_the_fields_is_irrelevant(name: str) -> None:
    backwards = dict(reversed(EXAMPLES[name].items()))
    assert run(name, **backwards) == run(name, **EXAMPLES[name])


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_sentence_can_be_translated(name: str) -> None:
    answer: Any = evaluate(CALCULATORS[name], json.dumps(EXAMPLES[name]))
    for sentence in answer["explanation"]:
        assert isinstance(sentence, Sentence)
        assert sentence.template.format_map(sentence.values) == sentence


class Pipe(io.BytesIO):
    """A source that gives the bursts of its writer one by one, as a pipe does."""

    def __init__(self, *bursts: bytes, written: io.BytesIO | None = None) -> None:
        super().__init__()
        self.bursts = list(bursts)
        self.written = written
        self.answered_before: list[int] = []

    def read1(self, size: int | None = -1, /) -> bytes:
        if self.written is not None:
            self.answered_before.append(self.written.getvalue().count(b"\n"))
        return self.bursts.pop(0) if self.bursts else b""


def values_of(answers: io.BytesIO) -> list[Any]:
    """The value of each answered line, "error" for a refusal."""
    written = [json.loads(line) for line in answers.getvalue().splitlines()]
    return ["error" if "error" in answer else answer["result"]["value"] for answer in written]


def test_lines_are_answered_in_order_and_a_bad_one_does_not_stop_them() -> None:
    lines = b'{"n": 1, "of": 4}\n\nnonsense\r\n{"n": 9, "of": 4}\n{"n": 3, "of": 4}'
    answers = io.BytesIO()
    answer_lines(CALCULATORS["proportion"], io.BytesIO(lines), answers)
    assert values_of(answers) == [0.25, "error", "error", "error", 0.75]


@given(st.lists(st.integers(1, 40), max_size=12))
def test_where_a_pipe_cuts_the_lines_does_not_matter(cuts: list[int]) -> None:
    text = b"".join(b'{"n": %d, "of": 8}\n' % n for n in range(9)) + b'{"n": 8, "of": 8}'
    bursts = []
    for cut in cuts:
        bursts.append(text[:cut])
        text = text[cut:]
    answers = io.BytesIO()
    answer_lines(CALCULATORS["proportion"], Pipe(*filter(None, [*bursts, text])), answers)
    assert values_of(answers) == [n / 8 for n in range(9)] + [1.0]


def test_an_answer_is_written_before_the_next_line_is_awaited() -> None:
    answers = io.BytesIO()
    pipe = Pipe(b'{"n": 1, "of": 4}\n', b'{"n": 2, "of": 4}\n{"n": 3, "of": 4}\n', written=answers)
    answer_lines(CALCULATORS["proportion"], pipe, answers)
    assert pipe.answered_before == [0, 1, 3]


def test_the_command_loads_neither_pages_nor_their_words() -> None:
    code = (
        "import sys, django; django.setup()\n"
        "import cartpath.calculators.management.commands.calculate\n"
        "print([name for name in sys.modules if name.startswith('cartpath.calculators.')])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "cartpath.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    loaded = {name.split(".")[2] for name in ast.literal_eval(done.stdout)}
    assert loaded == {"apps", "evaluate", "management", "proportion", "refusals", "registry"}


def test_no_line_is_no_answer() -> None:
    answers = io.BytesIO()
    answer_lines(CALCULATORS["proportion"], io.BytesIO(), answers)
    assert answers.getvalue() == b""
