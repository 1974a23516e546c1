"""Cornell Assessment of Pediatric Delirium: adding up the eight answers.

Source: Traube et al., Crit Care Med 2014;42:656-663. The questions are copyright of Cornell University and
are not shipped: a topic names each item, and a center that holds the license shows its own wording.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final

from annotated_types import Len

from cartpath.core.answers import Answer
from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.sentences import Sentence, say

__all__ = [
    "CAPD_POSITIVE_FROM",
    "CAPD_TOPICS",
    "MAX_CAPD_TOTAL",
    "CapdAnswer",
    "CapdAnswers",
    "CapdInput",
    "CapdScore",
    "calculate_capd",
    "score_capd",
]

CAPD: Final = "CAPD"
CAPD_VERSION: Final = "2014"
CAPD_SOURCE: Final = "Cornell Assessment of Pediatric Delirium, Traube et al., Crit Care Med 2014;42:656-663"

CAPD_POSITIVE_FROM: Final = 9
MAX_CAPD_TOTAL: Final = 32

# Topics in the order of the instrument, in neutral words of our own.
CAPD_TOPICS: Final = (
    say("eye contact"),
    say("purposeful action"),
    say("awareness of surroundings"),
    say("communicates needs"),
    say("restless"),
    say("inconsolable"),
    say("underactive while awake"),
    say("slow to respond"),
)
# The first four items look at preserved function and score in reverse.
REVERSED_ITEMS: Final = 4


class CapdAnswer(StrEnum):
    """How often something was seen during the shift."""

    NEVER = "never"
    RARELY = "rarely"
    SOMETIMES = "sometimes"
    OFTEN = "often"
    ALWAYS = "always"


WORDS_OF_ANSWER: Final[Mapping[CapdAnswer, Sentence]] = MappingProxyType(
    {
        CapdAnswer.NEVER: say("never"),
        CapdAnswer.RARELY: say("rarely"),
        CapdAnswer.SOMETIMES: say("sometimes"),
        CapdAnswer.OFTEN: say("often"),
        CapdAnswer.ALWAYS: say("always"),
    }
)

_MOST: Final = 4
_SCORE: Final[Mapping[CapdAnswer, int]] = MappingProxyType(
    {answer: score for score, answer in enumerate(CapdAnswer)}
)

CapdAnswers = Annotated[tuple[CapdAnswer, ...], Len(len(CAPD_TOPICS), len(CAPD_TOPICS))]


@dataclass(frozen=True, slots=True)
class CapdInput:
    """The eight answers in the order of `CAPD_TOPICS`."""

    __pydantic_config__ = INPUT_CONFIG

    answers: CapdAnswers


@dataclass(frozen=True, slots=True)
class CapdScore:
    """`items` score 0 to 4 each, `total` 0 to 32; `positive` from 9."""

    total: int
    items: tuple[int, ...]
    positive: bool


def score_capd(answers: tuple[CapdAnswer, ...]) -> CapdScore:
    """Score the eight answers (Traube 2014). Source: Traube 2014."""
    items = tuple(
        _MOST - _SCORE[answer] if item < REVERSED_ITEMS else _SCORE[answer]
        for item, answer in enumerate(answers)
    )
    total = sum(items)
    return CapdScore(total=total, items=items, positive=total >= CAPD_POSITIVE_FROM)


def calculate_capd(given: CapdInput) -> Answer:
    """The `capd` calculator: `score_capd` in the shape promised to the outside. Source: Traube 2014."""
    score = score_capd(given.answers)
    explanation: list[str] = [
        say("{topic}: {answer} scores {score}.", topic=topic, answer=WORDS_OF_ANSWER[answer], score=item)
        for topic, answer, item in zip(CAPD_TOPICS, given.answers, score.items, strict=True)
    ]
    explanation.append(
        say(
            "Total {total} of {most}; positive from {limit}.",
            total=score.total,
            most=MAX_CAPD_TOTAL,
            limit=CAPD_POSITIVE_FROM,
        )
    )
    return Answer(
        name="capd",
        result={"total": score.total, "items": list(score.items), "positive": score.positive},
        scale=CAPD,
        scale_version=CAPD_VERSION,
        source=CAPD_SOURCE,
        explanation=explanation,
    )
