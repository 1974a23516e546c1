"""What the rules say, word for word: answers that a person has read, kept beside what was asked.

A sentence, a flag or a citation changes only on purpose. After such a change (or with a new question)

    python -m tests.rules.said

writes the answers again, and the difference is read before it is kept.
"""

import json
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.registry import CALCULATORS
from cartpath.protocols.rows import Row
from tests.rules.said_stages import QUESTIONS

CALCULATED = Path(__file__).parent / "data" / "said"
ASKED = Path(__file__).parent / "data" / "said_by_stages"


def names() -> list[str]:
    """The calculators whose answers are kept."""
    return sorted(path.stem for path in CALCULATED.glob("*.json"))


def kept(name: str) -> list[dict[str, Any]]:
    """The inputs of a calculator with the answers that were read."""
    cases: list[dict[str, Any]] = json.loads((CALCULATED / f"{name}.json").read_text(encoding="utf-8"))
    return cases


def said(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """A calculator's answer to one input, as JSON carries it."""
    answer: dict[str, Any] = json.loads(json.dumps(evaluate(CALCULATORS[name], json.dumps(given))))
    return answer


def kept_of_stage(group: str) -> dict[str, Any]:
    """The answers to the questions of a group that were read."""
    answers: dict[str, Any] = json.loads((ASKED / f"{group}.json").read_text(encoding="utf-8"))
    return answers


def said_of_stage(group: str) -> dict[str, Any]:
    """The answers to the questions of a group; a row of a protocol is told by its id."""
    answers: dict[str, Any] = json.loads(
        json.dumps({name: _plain(ask()) for name, ask in QUESTIONS[group].items()}, default=str)
    )
    return answers


def _plain(answer: object) -> object:
    if isinstance(answer, Row):
        return answer.id
    if is_dataclass(answer) and not isinstance(answer, type):
        return {name: _plain(getattr(answer, name)) for name in answer.__dataclass_fields__}
    if isinstance(answer, (list, tuple)):
        return [_plain(each) for each in answer]
    return answer


def _write_again() -> None:
    for name in names():
        cases = [{"input": case["input"], "answer": said(name, case["input"])} for case in kept(name)]
        rows = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
        (CALCULATED / f"{name}.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
    for group in QUESTIONS:
        answers = said_of_stage(group).items()
        rows = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}" for name, answer in answers
        )
        (ASKED / f"{group}.json").write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    _write_again()
