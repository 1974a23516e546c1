"""What every calculator answers: a result that says where it comes from and what it doesn't know."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The result of one rule, ready to be written as JSON.

    `result` holds JSON types only (times and dates as ISO 8601 text, unknown as None). `explanation` says
    in English sentences which rule gave the result; `missing` names what was not given and therefore not
    judged; `flags` are stable codes of things a person should look at. `scale` and `scale_version` are set
    when the result is a grade on a published scale or a row of a versioned rule set.
    """

    name: str
    result: dict[str, object]
    source: str
    scale: str | None = None
    scale_version: str | None = None
    explanation: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
