"""Which agents keep up the pressure, under the names that charts and orders give them.

Source: ASTCT consensus, Lee et al., Biol Blood Marrow Transplant 2019;25:625-638 (vasopressin is not
counted). That inotropes don't count is derived: the list of agents in the paper was not seen.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cartpath.core.sentences import Sentence, say

__all__ = ["INOTROPES", "VASOPRESSIN", "WORDS_OF_AGENT", "agents_in", "counts_as_vasopressor"]

VASOPRESSIN: Final = "vasopressin"

# One agent under its many names counts once. Source of the exclusion of vasopressin: the consensus itself.
AGENT_OF_WORD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vasopressin": VASOPRESSIN,
        "argipressin": VASOPRESSIN,
        "avp": VASOPRESSIN,
        "vasopressina": VASOPRESSIN,
        "argipressina": VASOPRESSIN,
        "norepinephrine": "norepinephrine",
        "noradrenaline": "norepinephrine",
        "noradrenalin": "norepinephrine",
        "norepinefrina": "norepinephrine",
        "noradrenalina": "norepinephrine",
        "epinephrine": "epinephrine",
        "adrenaline": "epinephrine",
        "adrenalin": "epinephrine",
        "epinefrina": "epinephrine",
        "adrenalina": "epinephrine",
        "dopamine": "dopamine",
        "dopamina": "dopamine",
        "phenylephrine": "phenylephrine",
        "phenylephrin": "phenylephrine",
        "fenilefrina": "phenylephrine",
        "angiotensin": "angiotensin",
        "angiotensina": "angiotensin",
        "milrinone": "milrinone",
        "dobutamine": "dobutamine",
        "dobutamina": "dobutamine",
        "levosimendan": "levosimendan",
    }
)

# How the agents that count are said; a name that isn't known is said as it was written.
WORDS_OF_AGENT: Final[Mapping[str, Sentence]] = MappingProxyType(
    {
        "norepinephrine": say("norepinephrine"),
        "epinephrine": say("epinephrine"),
        "dopamine": say("dopamine"),
        "phenylephrine": say("phenylephrine"),
        "angiotensin": say("angiotensin"),
    }
)

# Agents that move the heart and do not constrict vessels: not counted, and flagged, because the list of
# agents in the paper was not seen (derived rule).
INOTROPES: Final = frozenset({"milrinone", "dobutamine", "levosimendan"})

_WORD: Final = re.compile(r"[^\W\d_]+")
_NOR_WRITTEN_APART: Final = re.compile(r"\bnor[\s-]+")


def agents_in(name: str) -> set[str]:
    """The agents an order names, whatever its spelling, salt or language; a name not known is one agent.

    Source: ASTCT 2019.
    """
    spelled = " ".join(name.casefold().split())
    words = _WORD.findall(_NOR_WRITTEN_APART.sub("nor", spelled))
    return {AGENT_OF_WORD[word] for word in words if word in AGENT_OF_WORD} or {spelled}


def counts_as_vasopressor(name: str) -> bool:
    """Whether what an order names keeps up the pressure; an inotrope alone does not (derived rule).

    Source: ASTCT 2019.
    """
    return bool(agents_in(name) - INOTROPES)
