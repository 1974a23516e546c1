"""Writes of discharge summaries: begun from the facts, edited, signed. A signed one never changes again."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, Stale
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from patients.enums import Stage
from patients.papers import LetterState, digest_of, plain_lines
from patients.services import event_strike, journey_locked, require_stage
from toxicity.models import DischargeSummary
from toxicity.sheets.facts import ward_facts
from toxicity.sheets.inputs import SummaryDetails
from toxicity.sheets.selectors import last_number
from toxicity.sheets.summary import summary_text


def discharge_begin(
    *, journey_id: UUID, summary: SummaryDetails, by: Actor, at: datetime
) -> DischargeSummary:
    """A draft with the text that follows from the facts of now, in the addressee's language.

    A draft is a working paper and no event; the ledger hears of a summary when it is signed. Raises
    `Conflict` before the infusion.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        return DischargeSummary.objects.create(
            journey=journey,
            center_id=journey.center_id,
            body=plain_lines(summary_text(ward_facts(journey, at=at), language=summary.language)),
            known_to=last_number(journey),
            begun_by=by.name,
            begun_at=at,
            **asdict(summary),
        )


def discharge_edit(*, summary_id: UUID, version: int, addressee: str, body: str) -> DischargeSummary:
    """Change a draft. Raises `Stale` when it is no longer the version that was read, `Conflict`
    `summary_final` for one that is signed.
    """
    with journey_locked(_journey_of(summary_id)):
        summary = _draft(summary_id, version)
        summary.addressee, summary.body = addressee.strip(), plain_lines(body)
        summary.version += 1
        summary.save(update_fields=["addressee", "body", "version"])
        return summary


def discharge_sign(*, summary_id: UUID, version: int, by: Actor, at: datetime) -> DischargeSummary:
    """Make a draft final, as it was read in `version`. The ledger keeps the SHA-256 of its text.

    Raises `Stale` when somebody changed it since, `Conflict` `summary_final` when it is signed already,
    `Invalid` without a text.
    """
    journey_id = _journey_of(summary_id)
    with journey_locked(journey_id):
        summary = _draft(summary_id, version)
        if not summary.body:
            raise Invalid("invalid_input", _("No text."), fields={"body": _("Write the summary first.")})
        details = {"addressee": summary.addressee, "language": summary.language}
        digest = digest_of(summary.body)
        facts = details | {"digest": digest}
        (event,) = append(journey_id, [NewEvent(EventKind.DISCHARGE_SUMMARIZED, at, facts)], by=by)
        summary.state, summary.digest, summary.event_id = LetterState.FINAL, digest, event.id
        summary.signed_by, summary.signed_at = by.name, at
        summary.save(update_fields=["state", "digest", "event_id", "signed_by", "signed_at"])
        return summary


def discharge_drop(*, summary_id: UUID) -> None:
    """Throw a draft away. Raises `Conflict` `summary_final` for one that is signed."""
    with journey_locked(_journey_of(summary_id)):
        _draft(summary_id).delete()


def discharge_strike(*, summary_id: UUID, reason: str, by: Actor, at: datetime) -> DischargeSummary:
    """Mark a signed summary as entered in error. It stays readable, marked on every page."""
    journey_id = _journey_of(summary_id)
    with journey_locked(journey_id):
        summary = DischargeSummary.objects.select_for_update().get(pk=summary_id)
        if summary.event_id is None:
            raise Conflict("summary_draft", _("A draft is changed or thrown away, not struck."))
        if summary.struck_at:
            raise Conflict("already_struck", _("This summary is already marked as entered in error."))
        event_strike(journey_id, summary.event_id, reason=reason, by=by, at=at)
        summary.struck_at, summary.struck_reason = at, reason
        summary.save(update_fields=["struck_at", "struck_reason"])
        return summary


def discharge_take_over(
    *, journey_id: UUID, summary: SummaryDetails, digest: str, by: Actor, at: datetime
) -> DischargeSummary:
    """A summary that was made elsewhere: its digest is known, its text stayed where it was written."""
    with journey_locked(journey_id) as journey:
        facts = asdict(summary) | {"digest": digest}
        (event,) = append(journey_id, [NewEvent(EventKind.DISCHARGE_SUMMARIZED, at, facts)], by=by)
        return DischargeSummary.objects.create(
            journey=journey,
            center_id=journey.center_id,
            state=LetterState.FINAL,
            begun_by=by.name,
            begun_at=at,
            signed_by=by.name,
            signed_at=at,
            digest=digest,
            event_id=event.id,
            **asdict(summary),
        )


def _journey_of(summary_id: UUID) -> UUID:
    return DischargeSummary.objects.values_list("journey_id", flat=True).get(pk=summary_id)


def _draft(summary_id: UUID, version: int | None = None) -> DischargeSummary:
    summary = DischargeSummary.objects.select_for_update().get(pk=summary_id)
    if summary.state != LetterState.DRAFT:
        raise Conflict("summary_final", _("This summary is signed and can't change. Begin a new one."))
    if version is not None and summary.version != version:
        raise Stale(
            "summary_changed",
            _("Somebody changed this draft since you opened it. Read it again before you go on."),
        )
    return summary
