"""What an event of a journey file holds where no service has an input of its own for it.

The keys are those of the ledger's `data`. `null` in a file is unknown and counts as not given.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen

from cartpath.core.inputs import INPUT_CONFIG
from cartpath.core.moments import Day, Moment
from toxicity.grading.crs import CrsInput
from toxicity.grading.icans import IcansInput

Text = Annotated[str, MinLen(1), MaxLen(120)]
Reason = Annotated[str, MinLen(1), MaxLen(800)]
Note = Annotated[str, MaxLen(4000)]
Grade = Annotated[int, Ge(0), Le(5)]
PartNumber = Annotated[int, Ge(1), Le(9)]
ItemNumber = Annotated[int, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolName:
    """The protocol version a journey is pinned to."""

    __pydantic_config__ = INPUT_CONFIG

    id: Text
    version: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyHead:
    """Which journey a file tells.

    Without an `id`, center, MRN and `key` make one; `key` tells several journeys of one child apart.
    """

    __pydantic_config__ = INPUT_CONFIG

    center: Text
    product: Text
    id: UUID | None = None
    key: Text = "1"
    protocol: ProtocolName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A note."""

    __pydantic_config__ = INPUT_CONFIG

    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """A reason that must be given."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ForReason:
    """A reason where one is needed: for a change, not for a first record."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSigned:
    """An agreement; one to a donation says whether the donor or a guardian signed."""

    __pydantic_config__ = INPUT_CONFIG

    kind: Literal["consent", "assent", "own_consent", "donation"]
    given_by: Text
    document_version: Annotated[str, MinLen(1), MaxLen(40)]
    signed_on: Day
    signer: Literal["donor", "guardian"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One detail of the child, before and after."""

    __pydantic_config__ = INPUT_CONFIG

    to: str
    from_: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientChanges:
    """Changed details of the child by name, and why; `name_was_wrong` marks a name that was misspelled."""

    __pydantic_config__ = INPUT_CONFIG

    changes: dict[str, Change]
    reason: Reason
    name_was_wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondClinician:
    """Who waived a criterion together with the first: e-mail address or name."""

    __pydantic_config__ = INPUT_CONFIG

    second: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Why something was done although a rule speaks against it."""

    __pydantic_config__ = INPUT_CONFIG

    override_reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedVersion:
    """The version of the protocol a journey was pinned to; without it, the one in force here."""

    __pydantic_config__ = INPUT_CONFIG

    protocol_version: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolMove:
    """A move to another version of the protocol."""

    __pydantic_config__ = INPUT_CONFIG

    to: Text
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Deferral:
    """Why the decision waits, and until when."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Reason
    review_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingReason:
    """Why a journey ended."""

    __pydantic_config__ = INPUT_CONFIG

    reason_code: Text
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """The day of death; the `closed` event that goes with it follows."""

    __pydantic_config__ = INPUT_CONFIG

    died_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """Why a booking was given up."""

    __pydantic_config__ = INPUT_CONFIG

    reason_code: Text
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionEnd:
    """Why the cells are used although the target isn't shown to be met."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReached:
    """A milestone, and when it was expected."""

    __pydantic_config__ = INPUT_CONFIG

    milestone: Text
    expected_on: Day | None = None
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why manufacturing failed, and whether the child is collected again."""

    __pydantic_config__ = INPUT_CONFIG

    reason: Reason
    collect_again: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPeople:
    """Who confirmed identity: e-mail addresses or names of people of the center."""

    __pydantic_config__ = INPUT_CONFIG

    first: Text
    second: Text
    fraction: PartNumber = 1
    item: ItemNumber | None = None
    others: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thawed:
    """Which part of the dose was thawed, and which bag, where bags are registered."""

    __pydantic_config__ = INPUT_CONFIG

    fraction: PartNumber = 1
    item: ItemNumber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BagNumber:
    """Which bag, by its number in the journey."""

    __pydantic_config__ = INPUT_CONFIG

    item: ItemNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsSeen:
    """What was found, and the CRS grade a clinician confirmed."""

    __pydantic_config__ = INPUT_CONFIG

    inputs: CrsInput
    confirmed_grade: Grade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IcansSeen:
    """What was found, and the ICANS grade a clinician confirmed."""

    __pydantic_config__ = INPUT_CONFIG

    inputs: IcansInput
    confirmed_grade: Grade | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicitySeen:
    """One assessment on one or both scales."""

    __pydantic_config__ = INPUT_CONFIG

    crs: CrsSeen | None = None
    icans: IcansSeen | None = None
    override_reason: Annotated[str, MaxLen(400)] = ""
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeSigned:
    """A clinician's later signature under the grade of one scale, as text like every confirmed value."""

    __pydantic_config__ = INPUT_CONFIG

    rule: Literal["crs", "icans"]
    value: Literal["0", "1", "2", "3", "4", "5"]
    reason: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A visit left out, and why."""

    __pydantic_config__ = INPUT_CONFIG

    item: Text
    reason_code: Text
    note: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transplant:
    """A transplant after infusion."""

    __pydantic_config__ = INPUT_CONFIG

    transplanted_on: Day
    conditioning_on: Day | None = None
    detail: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relapse:
    """A relapse after infusion."""

    __pydantic_config__ = INPUT_CONFIG

    relapsed_on: Day
    detail: Annotated[str, MaxLen(400)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """A move of the journey, as the act before it made it."""

    __pydantic_config__ = INPUT_CONFIG

    to: Text
    from_: Text
    reason: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderNamed:
    """A reminder of this journey: its item, and which of several."""

    __pydantic_config__ = INPUT_CONFIG

    item: Text
    occurrence: Annotated[int, Ge(1)] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A journey file's top level, its events still unread."""

    __pydantic_config__ = INPUT_CONFIG

    patient: dict[str, object]
    journey: dict[str, object]
    events: Annotated[list[dict[str, object]], MinLen(1)]
    note: Note = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvent:
    """One event of a file, its data still unread.

    `corrects` is the place, from 0, of the event it corrects, `confirms` of the one whose value it signs.
    """

    __pydantic_config__ = INPUT_CONFIG

    kind: str
    occurred_at: Moment
    data: dict[str, object] = field(default_factory=dict)
    corrects: Annotated[int, Ge(0)] | None = None
    confirms: Annotated[int, Ge(0)] | None = None
