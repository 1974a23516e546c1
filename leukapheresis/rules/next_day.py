"""What follows after a day of collection: enough, another day, or stop.

Source: the collection targets of the protocol, `collection_days_most` and the counts of the apheresis part.
The rule proposes and says why; a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from cartpath.core.sentences import say
from cartpath.protocols.rows import in_force
from cartpath.protocols.schema import ApheresisRules
from cartpath.protocols.sections import CollectionTarget
from leukapheresis.rules.acceptance import acceptance
from leukapheresis.rules.counts import BloodCounts, go_ahead

Proposal = Literal["enough", "again", "stop"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NextDay:
    """The proposal, None while it can't be made, with its reasons and the rows that made it."""

    proposal: Proposal | None
    explanation: tuple[str, ...]
    rows: tuple[str, ...]
    missing: tuple[str, ...]


def next_day(
    rules: ApheresisRules,
    targets: Sequence[CollectionTarget],
    *,
    days: int,
    tnc: float | None,
    cd3: float | None,
    after: BloodCounts,
) -> NextDay:
    """Propose what follows after `days` days that brought `tnc` and `cd3` together; `after` is the blood now.

    Enough cells end the collection. Too few lead to another day, unless the days are used up or the blood
    counts forbid it. While the cells are unknown, or no target is, nothing is proposed.

    Source: the collection targets of the protocol and the rows of the apheresis part.
    """
    verdict = acceptance(targets, tnc=tnc, cd3=cd3)
    target_rows = tuple(target.id for target in targets)
    if verdict.accepted is None:
        return NextDay(
            proposal=None, explanation=verdict.explanation, rows=target_rows, missing=verdict.missing
        )
    if verdict.accepted:
        said = say("The cells of all days together reach the target.")
        return NextDay(
            proposal="enough", explanation=(said, *verdict.explanation), rows=target_rows, missing=()
        )
    most = next((row for row in in_force(rules.figures) if row.id == "collection_days_most"), None)
    if most is not None and days >= most.value:
        said = say("The target isn't reached after {days} days, the most for one round.", days=days)
        return NextDay(
            proposal="stop",
            explanation=(said, *verdict.explanation),
            rows=(*target_rows, most.id),
            missing=(),
        )
    blood = go_ahead(rules, after)
    if blood.verdict == "stop":
        return NextDay(
            proposal="stop",
            explanation=(*blood.explanation, *verdict.explanation),
            rows=(*target_rows, "alc_minimum", "cd3_minimum"),
            missing=(),
        )
    said = say("The target isn't reached: collect another day.")
    return NextDay(
        proposal="again",
        explanation=(said, *verdict.explanation),
        rows=target_rows,
        missing=blood.missing if blood.verdict == "unknown" else (),
    )
