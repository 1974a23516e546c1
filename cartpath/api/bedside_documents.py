"""What the API answers about the bedside beside observations: alerts, episodes, checks, sheets, weights."""

from typing import Annotated, Any, Literal

from typing_extensions import TypedDict  # pydantic reads that of `typing` from Python 3.12 on

from cartpath.api.documents import Day, FhirStatus, Id, Time, words
from cartpath.protocols.bedside_rows import CheckWord
from patients.papers import LetterLanguage
from toxicity.enums import AlertAnswer, AlertEnd, AlertUrgency
from toxicity.models.episodes import Scale

UrgencyCode = Annotated[str, words(AlertUrgency)]
AnswerCode = Annotated[str, words(AlertAnswer)]
EndCode = Annotated[str, words(AlertEnd)]
ScaleCode = Annotated[str, words(Scale)]
LanguageCode = Annotated[str, words(LetterLanguage)]


class AlertDocument(TypedDict):
    """A red flag of a child. It stands until `cleared_at`, answered or not.

    `rule` is the row of the protocol, `label` and `text` what that row says in English; null when the
    version of the protocol has lost it. `because` holds the codes and numbers that raised it.
    """

    id: Id
    journey: Id
    case: str
    rule: str
    label: str | None
    text: str | None
    urgency: UrgencyCode
    because: dict[str, Any]
    seen_at: Time
    raised_at: Time
    acknowledged_at: Time | None
    acknowledged_by: str | None
    answer: AnswerCode | None
    note: str | None
    cleared_at: Time | None
    cleared_because: EndCode | None


class AlertsDocument(TypedDict):
    """The alerts that were answered."""

    results: list[AlertDocument]


class EpisodeDocument(TypedDict):
    """One course of CRS or ICANS; `resolved_at` is null while the child isn't known to be free of it.

    `settled_at` is the assessment that showed it had stayed so for the center's hours. With `peak_at_least`
    something was missing when the highest grade was given. `recurrence_of` is the episode before.
    """

    id: Id
    journey: Id
    status: FhirStatus
    scale: ScaleCode
    number: int
    recurrence_of: Id | None
    onset_at: Time
    onset_grade: int
    peak_at: Time
    peak_grade: int
    peak_at_least: bool
    last_sign_at: Time
    resolved_at: Time | None
    settled_at: Time | None


class CheckDocument(TypedDict):
    """A check that waits for a child: when, how often and why.

    `instrument` is the test of a neurological check. `every_minutes` is null for the first check after the
    infusion, before anything was recorded. `because` names what makes the interval: `usual`, `fever`,
    `tachycardia`, `crs`, `icans` or `person`.
    """

    journey: Id
    check: CheckWord
    instrument: Literal["ICE", "CAPD"] | None
    state: Literal["late", "due", "upcoming"]
    due_at: Time
    every_minutes: int | None
    because: list[str]
    done_at: Time | None


class HandOverDocument(TypedDict):
    """What one shift told the next. Texts are null for a sheet that came with a journey from elsewhere.

    `holds` says whether it may still be handed on now. The grades are those that counted when it was written,
    null is unknown; `digest` is the SHA-256 of the four texts, parted by form feeds.
    """

    id: Id
    journey: Id
    status: FhirStatus
    status_reason: str | None
    holds: bool
    language: LanguageCode
    situation: str | None
    background: str | None
    assessment: str | None
    recommendation: str | None
    crs_grade: int | None
    icans_grade: int | None
    written_at: Time
    written_by: str
    expires_at: Time | None
    digest: str


class DosingWeightDocument(TypedDict):
    """A weight that doses were counted from, from `set_at` until the next one."""

    id: Id
    journey: Id
    status: FhirStatus
    status_reason: str | None
    weight_kg: float
    measured_on: Day | None
    reason: str | None
    set_at: Time
    set_by: str
