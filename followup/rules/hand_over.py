"""When a growing patient can be handed over to adult care, and who keeps the safety follow-up.

Source: DESIGN. A transfer of care and the 18th birthday make a hand-over task (FDA guidance of 2020 on
long-term follow-up asks for 15 years of observation, which a move to another center doesn't end).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from cartpath.core.sentences import say

STEPS: Final = ("readiness", "center_agreed", "summary_letter", "first_visit")
# Without these there is nobody to hand the patient to; the others may be left out with a reason.
INDISPENSABLE: Final = frozenset({"center_agreed", "first_visit"})


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOverReadiness:
    """Whether care can be handed over; `blocking` and `left_out` name the steps that are not done."""

    can_hand_over: bool
    needs_reason: bool
    blocking: tuple[str, ...]
    left_out: tuple[str, ...]
    explanation: tuple[str, ...]


def hand_over_readiness(done: AbstractSet[str]) -> HandOverReadiness:
    """Judge a hand-over by the steps that are done.

    Source: DESIGN.
    """
    blocking = tuple(step for step in STEPS if step in INDISPENSABLE and step not in done)
    left_out = tuple(step for step in STEPS if step not in INDISPENSABLE and step not in done)
    said = [say("The adult center has agreed and has seen the patient.")]
    if blocking:
        said = [say("Care can be handed over once the adult center agreed and has seen the patient.")]
    if left_out:
        said.append(say("A step that is left out needs a reason."))
    return HandOverReadiness(
        can_hand_over=not blocking,
        needs_reason=bool(left_out),
        blocking=blocking,
        left_out=left_out,
        explanation=tuple(said),
    )
