"""What the components of a page need to know, and the decisions they take.

The protocols name the attributes that a template tag reads, so that a selector of any room can return its
own dataclass or model for it. `templates/components/README.md` shows how each component is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.web.wording import local_day
from patients.enums import AllergyState, Stage

Text = str | Promise
Tone = Literal["", "harm", "soon", "good", "info", "accent"]
DueState = Literal["overdue", "due", "upcoming", "done"]
StepState = Literal["done", "now", "next", "later", "blocked", "skipped"]
VerdictState = Literal["met", "not_met", "waived", "unknown"]

# A dose is never computed from a weight nobody looked at for a week, or from one that has moved by a tenth.
WEIGHT_OLD_AFTER: Final = timedelta(days=7)
WEIGHT_CHANGED_FROM_PERCENT: Final = 10


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is drawn: its word, its icon, its tone."""

    word: Text
    icon: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the rail. `count` is what waits there for the person, 0 for nothing.

    `key` names an entry whose count may change while the page stays.
    """

    label: Text
    url: str
    icon: str
    current: bool = False
    count: int = 0
    key: str = ""


class BannerPatient(Protocol):
    """The child as the banner reads it; `patients.models.Patient` fits."""

    family_name: str
    given_name: str
    birth_date: date
    mrn: str
    allergy_state: str
    allergies: str
    died_on: date | None

    def get_sex_display(self) -> str:
        """Sex in words."""

    def get_language_display(self) -> str:
        """The family's language in words."""


class Weighed(Protocol):
    """One weight; `patients.models.Measurement` fits."""

    weight_kg: Decimal | None
    measured_at: datetime


class Banner(Protocol):
    """What the patient banner needs. `on` is today in the center's zone; `day` counts from the infusion.

    `from_donor` says that the cells are somebody else's.
    """

    patient: BannerPatient
    on: date
    weight: Weighed | None
    weight_change_percent: float | None
    product: str | None
    from_donor: bool
    day: int | None
    url: str


class Step(Protocol):
    """One milestone of the strip.

    `on` is when it was reached, or is planned for; `days` how long the child has been here; `expected` how
    long it should take, in words; `note` what stands in the way (blocked) or what is meant (next).
    """

    label: Text
    state: StepState
    on: date | None
    days: int | None
    expected: Text | None
    note: Text | None
    url: str


class Entry(Protocol):
    """One line of the timeline. `voided` marks a fact that a later entry corrects."""

    at: datetime
    title: Text
    detail: Text
    by: str
    icon: str
    tone: Tone
    voided: bool


class Explanation(Protocol):
    """Why a value is what it is; `cartpath.core.answers.Answer` fits."""

    explanation: Sequence[str]
    missing: Sequence[str]
    source: str


class Tab(Protocol):
    """One tab, which is a link. `count` is None when there is nothing to count."""

    label: Text
    url: str
    current: bool
    count: int | None


DUE_LOOKS: Final[dict[DueState, Look]] = {
    "overdue": Look(_("Overdue"), "alert-triangle", "harm"),
    "due": Look(_("Due"), "clock", "soon"),
    "upcoming": Look(_("Upcoming"), "calendar", ""),
    "done": Look(pgettext_lazy("reminder", "Done"), "check", "good"),
}

VERDICT_LOOKS: Final[dict[VerdictState, Look]] = {
    "met": Look(_("Met"), "circle-check", "good"),
    "not_met": Look(_("Not met"), "circle-x", "harm"),
    "waived": Look(_("Waived"), "arrow-right", "info"),
    "unknown": Look(_("Unknown"), "help-circle", ""),
}

STEP_ICONS: Final[dict[StepState, str]] = {
    "done": "check",
    "now": "",
    "next": "",
    "later": "",
    "blocked": "ban",
    "skipped": "",
}

STEP_WORDS: Final[dict[StepState, Text]] = {
    "done": _("done"),
    "now": _("now"),
    "next": _("next"),
    "later": _("later"),
    "blocked": _("blocked"),
    "skipped": _("skipped"),
}

# On these stages the child is on the ward and changes by the hour.
WARD_STAGES: Final = frozenset({Stage.LYMPHODEPLETION, Stage.INFUSED})


@dataclass(frozen=True, slots=True)
class DrawnStep:
    """A milestone with the icon and the word of its state."""

    step: Step

    @property
    def icon(self) -> str:
        """The icon inside the dot, empty for none."""
        return STEP_ICONS[self.step.state]

    @property
    def word(self) -> Text:
        """The state in a word, so that the dot is not the only sign."""
        return STEP_WORDS[self.step.state]


MESSAGE_LOOKS: Final[dict[str, Look]] = {
    "debug": Look(_("Note"), "info-circle", "info"),
    "info": Look(_("Note"), "info-circle", "info"),
    "success": Look(pgettext_lazy("message", "Done"), "circle-check", "good"),
    "warning": Look(_("Attention"), "alert-circle", "soon"),
    "error": Look(_("Not done"), "alert-triangle", "harm"),
}

ABSENT_ALLERGIES: Final = frozenset({AllergyState.NOT_RECORDED, AllergyState.UNAVAILABLE})


@dataclass(frozen=True, slots=True)
class AllergyLine:
    """The banner's allergy fact: always exactly one of four statements."""

    text: Text
    known: bool
    absent: bool


def allergy_line(state: str, allergies: str) -> AllergyLine:
    """Say what is known of allergies; the names themselves when there are some."""
    allergy_state = AllergyState(state)
    known = allergy_state == AllergyState.KNOWN
    return AllergyLine(
        text=allergies if known and allergies else allergy_state.label,
        known=known,
        absent=allergy_state in ABSENT_ALLERGIES,
    )


@dataclass(frozen=True, slots=True)
class WeightMarks:
    """What to say beside a weight before somebody doses by it."""

    old: bool
    changed: bool
    days: int


def weight_marks(weight: Weighed, *, on: date, change_percent: float | None) -> WeightMarks:
    """Whether a weight is older than a week on `on`, or differs by more than a tenth from the one before."""
    age = on - local_day(weight.measured_at)
    return WeightMarks(
        old=age > WEIGHT_OLD_AFTER,
        changed=change_percent is not None and abs(change_percent) > WEIGHT_CHANGED_FROM_PERCENT,
        days=age.days,
    )


def stage_tone(stage: str) -> Tone:
    """The accent for the stages on the ward, none for the others."""
    return "accent" if stage in WARD_STAGES else ""


def late_days(due_on: date, on: date) -> int:
    """Days by which something due is late on a day; 0 when it is not."""
    return max((on - due_on).days, 0)
