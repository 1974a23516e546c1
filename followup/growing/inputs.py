"""What the services of growing up take in."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day

Name = Annotated[str, MaxLen(120)]
Note = Annotated[str, MaxLen(400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverStepDetails:
    """One step to adult care as done.

    `center_agreed` names the adult center, `safety_accepted` who there confirmed that it keeps the 15-year
    safety follow-up.
    """

    __pydantic_config__ = INPUT_CONFIG

    step: Literal["readiness", "center_agreed", "summary_letter", "first_visit", "safety_accepted"]
    done_on: Day
    adult_center: Annotated[str, MaxLen(160)] = ""
    physician: Name = ""
    phone: Annotated[str, MaxLen(40)] = ""
    confirmed_by: Name = ""
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareHandedOver:
    """From which day the adult center cares for the patient; `reason` says why a step was left out."""

    __pydantic_config__ = INPUT_CONFIG

    handed_over_on: Day
    reason: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptDetails:
    """How somebody tried to reach the family, and what came of it."""

    __pydantic_config__ = INPUT_CONFIG

    how: Literal["phone", "letter", "e_mail", "home_hospital", "registry_office"]
    outcome: Literal["reached", "no_answer", "left_message", "wrong_number", "moved"]
    whom: Name = ""
    note: Note = ""
    next_on: Day | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossDetails:
    """Since when nobody knows where the child is, and the last that was known."""

    __pydantic_config__ = INPUT_CONFIG

    since: Day
    last_known: Note = ""
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDetails:
    """When and where the child was found again."""

    __pydantic_config__ = INPUT_CONFIG

    found_on: Day
    where: Annotated[str, MinLen(1), MaxLen(400)]
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterDetails:
    """What a letter is for, to whom, in which language."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["shared_care", "hand_over", "family_summary", "school"]
    addressee: Annotated[str, MinLen(1), MaxLen(400)]
    language: Literal["en", "it"]
