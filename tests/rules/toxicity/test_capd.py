"""CAPD: eight words, four of them in reverse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.calculating import oracles, refused, result, run
from toxicity.grading.capd import CAPD_TOPICS, CapdAnswer, score_capd

WORDS = ("never", "rarely", "sometimes", "often", "always")


@pytest.mark.parametrize("oracle", oracles("capd"), ids=lambda oracle: oracle["id"])
def test_the_published_examples(oracle: dict[str, Any]) -> None:
    answer = result("capd", **oracle["input"])
    assert {name: answer[name] for name in oracle["expect"]} == oracle["expect"]


@pytest.mark.parametrize(("score", "word"), list(enumerate(WORDS)))
@pytest.mark.parametrize("item", range(8))
def test_each_word_scores_as_published(item: int, score: int, word: str) -> None:
    answers = ["always"] * 4 + ["never"] * 4
    answers[item] = word
    answer = result("capd", answers=answers)
    assert answer["items"][item] == (4 - score if item < 4 else score)
    assert answer["total"] == answer["items"][item]


@pytest.mark.parametrize(("last", "total", "positive"), [("never", 8, False), ("rarely", 9, True)])
def test_it_is_positive_from_9(last: str, total: int, positive: bool) -> None:
    answer = result("capd", answers=["always"] * 4 + ["always", "always", last, "never"])
    assert (answer["total"], answer["positive"]) == (total, positive)


def test_the_licensed_wording_is_not_shipped() -> None:
    explanation = run("capd", answers=["always"] * 8)["explanation"]
    assert len(CAPD_TOPICS) == 8
    assert not any("?" in sentence or "the child" in sentence.casefold() for sentence in explanation)
    assert max(len(topic.split()) for topic in CAPD_TOPICS) <= 3


@pytest.mark.parametrize("wrong", [[], ["never"] * 7, ["never"] * 9, None, "never", [None] * 8, [0] * 8])
def test_anything_but_eight_words_is_refused(wrong: Any) -> None:
    assert {field.split(".")[0] for field in refused("capd", answers=wrong)} == {"answers"}


@given(st.lists(st.sampled_from(CapdAnswer), min_size=8, max_size=8))
def test_the_total_is_the_sum_of_its_items(answers: list[CapdAnswer]) -> None:
    score = score_capd(tuple(answers))
    assert score.total == sum(score.items)
    assert all(0 <= item <= 4 for item in score.items)
