"""What the API answers, as types: mypy holds the code to them, and the API description is made from them."""

from typing import Annotated, Any, Generic, Literal, NotRequired, TypeVar

from django.db.models import TextChoices
from pydantic import WithJsonSchema
from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.accounts.enums import Role
from cartpath.ledger.kinds import EventKind
from cartpath.reminders.enums import Cause, ReminderState, Timing
from leukapheresis.enums import BookingState, CancelReason, SlotState
from patients.enums import AllergyState, ClosingReason, Sex, Stage

T = TypeVar("T")

Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Url = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
# A calendar item is due on a day of the center, an item in hours at a time.
DayOrTime = Annotated[
    str,
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    ),
]


def words(choices: type[TextChoices]) -> WithJsonSchema:
    """Describes a text as one of the words of an enumeration."""
    return WithJsonSchema({"type": "string", "enum": list(choices.values)})


StageCode = Annotated[str, words(Stage)]
ClosedReason = Annotated[str, words(ClosingReason)]
SexCode = Annotated[str, words(Sex)]
AllergyCode = Annotated[str, words(AllergyState)]
SlotCode = Annotated[str, words(SlotState)]
BookingCode = Annotated[str, words(BookingState)]
CancelCode = Annotated[str, words(CancelReason)]
RoleCode = Annotated[str, words(Role)]
ReminderCode = Annotated[str, words(ReminderState)]
TimingCode = Annotated[str, words(Timing)]
CauseCode = Annotated[str, words(Cause)]
KindCode = Annotated[str, words(EventKind)]


class PatientOfStatus(TypedDict):
    """Whose journey it is."""

    id: Id
    mrn: str
    birth_date: Day


class PinnedProtocol(TypedDict):
    """The rules the journey follows; both null before acceptance."""

    id: str | None
    version: str | None


class Milestones(TypedDict):
    """When each step was reached; null while it was not."""

    referred: Time | None
    accepted: Time | None
    apheresis: Time | None
    manufacturing_started: Time | None
    released: Time | None
    lymphodepletion_started: Time | None
    infused: Time | None


class Grade(TypedDict):
    """The latest and the worst grade; null is unknown."""

    current: int | None
    max: int | None


class Toxicity(TypedDict):
    """Grades after ASTCT 2019."""

    crs: Grade
    icans: Grade


class NextDue(TypedDict):
    """The earliest open reminder. Both ends belong to a window of days; one of times ends before its last."""

    item: str
    due: DayOrTime
    window: list[DayOrTime]


class StatusDocument(TypedDict):
    """Where a journey stands. Times carry the offset of the center; days are days of the center."""

    id: Id
    patient: PatientOfStatus
    center: str
    product: str
    protocol: PinnedProtocol
    stage: StageCode
    stage_since: Time
    closed_reason: NotRequired[ClosedReason]
    day_post_infusion: int | None
    milestones: Milestones
    toxicity: Toxicity
    b_cell_aplasia: str | None
    last_response: str | None
    next_due: NextDue | None
    overdue: int
    updated_at: Time


class Weight(TypedDict):
    """A weight and when it was measured."""

    kg: float
    measured_at: Time


class Height(TypedDict):
    """A height and when it was measured."""

    cm: float
    measured_at: Time


class PatientDocument(TypedDict):
    """The child, with the latest weight and height and the ids of the journeys."""

    id: Id
    center: str
    mrn: str
    family_name: str
    given_name: str
    birth_date: Day
    sex: SexCode
    language: str | None
    allergy_state: AllergyCode
    allergies: str | None
    died_on: Day | None
    weight: Weight | None
    height: Height | None
    journeys: list[Id]


class ActorDocument(TypedDict):
    """Who did it."""

    kind: Literal["user", "client", "system"]
    name: str


class EventDocument(TypedDict):
    """One fact of a journey's ledger. `corrects` names the event it puts right."""

    id: int
    journey: Id
    seq: int
    kind: KindCode
    occurred_at: Time
    recorded_at: Time
    actor: ActorDocument
    data: dict[str, Any]
    corrects: int | None
    hash: str


class SlotDocument(TypedDict):
    """A time at which a machine can be taken; `free` is whether it can be taken now."""

    id: Id
    center: str
    machine: str
    starts_at: Time
    ends_at: Time
    state: SlotCode
    free: bool


class BookingDayDocument(TypedDict):
    """One day of a booking; `resources` names what is taken for each part, besides the machine."""

    day: int
    slot: Id
    machine: str
    starts_at: Time
    ends_at: Time
    resources: dict[str, str]


class BookingDocument(TypedDict):
    """A booking or a hold; slot, machine and times are those of its first day.

    `hold_expires_at` is there for a hold only, `days` when a booking takes more than one machine on one day.
    """

    id: Id
    journey: Id
    slot: Id
    center: str
    machine: str
    starts_at: Time
    ends_at: Time
    state: BookingCode
    booked_by: str
    booked_at: Time
    cancel_reason: CancelCode | None
    cancel_note: str | None
    hold_expires_at: NotRequired[Time]
    days: NotRequired[list[BookingDayDocument]]


class GradeAnswer(TypedDict):
    """What the rule says of one scale, and from what it was judged."""

    name: str
    result: dict[str, Any]
    scale: str | None
    scale_version: str | None
    source: str
    explanation: list[str]
    missing: list[str]
    flags: list[str]
    inputs: dict[str, Any]


FhirStatus = Literal["final", "entered-in-error"]


def fhir_status(*, struck: bool) -> FhirStatus:
    """The status, in FHIR's words, of what stands and of what was marked as entered in error."""
    return "entered-in-error" if struck else "final"


class AssessmentDocument(TypedDict):
    """A stored assessment with the computed grades; a scale that was not assessed is null."""

    id: Id
    journey: Id
    status: FhirStatus
    status_reason: str | None
    assessed_at: Time
    assessed_by: str
    crs: GradeAnswer | None
    crs_confirmed_grade: int | None
    icans: GradeAnswer | None
    icans_confirmed_grade: int | None
    override_reason: str | None
    note: str | None


class ReminderDocument(TypedDict):
    """Something the protocol expects of a journey. `timing` is null once it is closed."""

    id: Id
    journey: Id
    patient: Id
    center: str
    item: str
    label: str
    occurrence: int
    role: RoleCode
    priority: int
    state: ReminderCode
    timing: TimingCode | None
    due: DayOrTime
    window: list[DayOrTime]
    acknowledged_at: Time | None
    acknowledged_by: str | None
    closed_at: Time | None
    cause: CauseCode | None


class Page(TypedDict, Generic[T]):
    """A page of a list, and the address of the next one; null at the end."""

    results: list[T]
    next: Url | None


class ChangesDocument(TypedDict):
    """Events since a cursor, and the cursor to ask with next."""

    results: list[EventDocument]
    cursor: str


class CalculatorDocument(TypedDict):
    """A calculator: what it is for, which source it follows, and its input as JSON schema."""

    name: str
    title: str
    stage: str
    purpose: str
    source: str
    scale: str | None
    url: str
    input: dict[str, Any]


class AnswerDocument(TypedDict):
    """What a calculator answers. `missing` lists what was not given; the result is then a lower bound."""

    name: str
    result: dict[str, Any]
    scale: str | None
    scale_version: str | None
    source: str
    explanation: list[str]
    missing: list[str]
    flags: list[str]


class ProblemDocument(TypedDict):
    """A refusal (RFC 9457). `code` is stable; `errors` says for each field why it is refused."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: NotRequired[dict[str, str]]


class RefusedInput(TypedDict):
    """Why a calculator refuses its input, by the path of each field; "" is the input as a whole."""

    code: Literal["invalid_input"]
    fields: dict[str, str]


class RefusedInputDocument(ProblemDocument):
    """The refusal of a calculator: a problem document with the error as the command line gives it."""

    name: str
    error: RefusedInput
