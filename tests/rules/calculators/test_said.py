"""Each calculator and each other rule answers word for word as it did when its answers were read."""

import pytest

from cartpath.calculators.registry import CALCULATORS
from tests.rules.said import kept, kept_of_stage, names, said, said_of_stage
from tests.rules.said_stages import QUESTIONS


def test_the_answers_of_every_calculator_are_kept() -> None:
    assert set(names()) == set(CALCULATORS)


@pytest.mark.parametrize("name", names())
def test_every_answer_is_the_one_that_was_read(name: str) -> None:
    for case in kept(name):
        assert said(name, case["input"]) == case["answer"]


@pytest.mark.parametrize("group", QUESTIONS)
def test_every_verdict_of_a_stage_is_the_one_that_was_read(group: str) -> None:
    assert said_of_stage(group) == kept_of_stage(group)
