"""What a demo journey is made of: how far it got, how long ago, and what was special about it."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from cartpath.demo.cast import CENTER_CODE
from cartpath.demo.names import Heritage, Sex

TISAGENLECLEUCEL = "tisagenlecleucel"
# Products of hospitals and trials: made of a donor's cells, given in parts, against neuroblastoma.
DONOR_CD19 = "donor_cd19"
VARNIMCABTAGENE = "varnimcabtagene"
GD2_CART01 = "gd2_cart01"


class Step(IntEnum):
    """The steps of a journey, each with its usual day after the referral."""

    REFERRED = 0
    ASSESSED = 4
    ACCEPTED = 7
    BOOKED = 8
    ORDERED = 9
    COLLECTED = 15
    PICKED_UP = 17
    STARTED = 20
    HARVESTED = 30
    TESTED = 33
    RELEASED = 43
    RECEIVED = 47
    DEPLETED = 52
    INFUSED = 58


# A second round of collection follows this many days after the first one began.
SECOND_ROUND_DAYS = 28
# The center began with CARTPath this long ago; what came before was taken over without the small print.
DAYS_SINCE_CARTPATH = 100

Treatments = Literal[
    "chemotherapy",
    "after_transplant",
    "steroid",
    "unknown_last_dose",
    "no_rule",
    "still_running",
    "infant",
    "radiotherapy",
    "neuroblastoma",
]
Toxicity = Literal["quiet", "fever", "moderate", "severe", "neurotoxic"]
FollowUp = Literal["remission", "b_cells_back", "transplanted", "relapsed"]
Deviation = Literal["waiting", "used", "abandoned"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One collection day: cells in the bag, in units of 10⁹, and what was decided."""

    tnc_e9: float
    cd3_e9: float
    decision: Literal["again", "enough"] = "enough"
    adverse: Literal["", "hypocalcemia", "access_failure"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a journey was closed, so many days ago. `died` needs no more than that."""

    reason: Literal[
        "declined",
        "withdrawn",
        "died",
        "lost_to_follow_up",
        "transferred",
        "manufacturing_failed",
        "completed",
    ]
    ago: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A place in the waiting list: priority and why, for how many days, in how many the family is away."""

    priority: Literal[1, 2, 3, 4]
    reason: str
    for_days: int
    away_in: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One demo journey.

    `reached` is the last step that happened and `ago` how many days ago it did; from the infusion on, `ago`
    counts from day 0. `years` is the age at referral, `size` the child's weight in terms of the middle one.
    """

    key: str
    reached: Step
    ago: int
    years: float
    sex: Sex
    size: float = 1.0
    center: str = CENTER_CODE
    product: str = TISAGENLECLEUCEL
    heritage: Heritage = "it"
    is_long_name: bool = False
    urgency: Literal["routine", "urgent", "emergency"] = "routine"
    disease_status: Literal[
        "primary_refractory", "chemorefractory", "second_or_later_relapse", "relapse_after_hsct"
    ] = "second_or_later_relapse"
    diagnosis: Literal["b_all", "neuroblastoma"] = "b_all"
    detail: str = "Common B-ALL, relapse in marrow"
    treatments: Treatments = "chemotherapy"
    allergy: str = ""
    # Criteria left unknown, or found unmet; the one that two clinicians waived.
    unknown: frozenset[str] = frozenset()
    unmet: frozenset[str] = frozenset()
    waived: str | None = None
    deferred_until_in: int | None = None
    washout_override: str = ""
    rebooked: bool = False
    slot_in: int | None = None
    booked_days: int = 1
    held_in: int | None = None
    waits: Waits | None = None
    days: tuple[Day, ...] = ()
    collection_reason: str = ""
    # Cells of a small volume of blood, drawn without a machine; frozen in so many bags a day.
    whole_blood: bool = False
    bags: int = 0
    first_round_failed: bool = False
    deviation: Deviation | None = None
    toxicity: Toxicity = "quiet"
    hours_unassessed: int = 0
    is_monitoring_over: bool = False
    follow_up: FollowUp = "remission"
    # Visits that nobody recorded, and visits left out with a reason.
    missed: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    # Items whose reminder somebody took in hand, or put off.
    acknowledged: str | None = None
    snoozed: str | None = None
    ending: Ending | None = None
    note: str = ""

    @property
    def delay(self) -> int:
        """Days that a failed first round put on everything from the second booking on."""
        return SECOND_ROUND_DAYS if self.first_round_failed else 0

    def days_after_referral(self, step: Step) -> int:
        """The day of a step, counted from the referral."""
        return step.value + (self.delay if step >= Step.BOOKED else 0)

    @property
    def is_from_paper(self) -> bool:
        """Whether criteria, checklist and the maker's milestones are on paper: treated before CARTPath."""
        return self.reached == Step.INFUSED and self.ago > DAYS_SINCE_CARTPATH

    @property
    def referred_ago(self) -> int:
        """How many days ago the referral came."""
        return self.ago + self.days_after_referral(self.reached)
