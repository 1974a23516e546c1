"""Writes of hand-over sheets. A sheet never changes: a later one takes its place, a wrong one is struck."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, Stale
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols.rows import in_force
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.papers import digest_of, plain_lines
from patients.services import event_strike, journey_locked, require_stage
from toxicity.models import HandOverSheet
from toxicity.sheets.inputs import SheetDetails, SheetSeal
from toxicity.sheets.selectors import grades_at, latest_sheet

PARTS: Final = ("situation", "background", "assessment", "recommendation")
MOST_TEXT: Final = 4000
# The row of the protocol that says for how long a sheet holds.
HOLDS_HOURS: Final = "hand_over_hours"
# Parts the texts in what is digested; nobody can type it.
_BETWEEN: Final = "\f"


def hand_over_write(
    *, journey_id: UUID, sheet: SheetDetails, by: Actor, at: datetime, seen: int | None = None
) -> HandOverSheet:
    """Keep what the next shift is told; it holds for as long as the protocol's row says.

    `seen` is the ledger number of the sheet that the writer had before them, 0 for none, None when nobody
    looked. Raises `Stale` `sheet_written` when somebody wrote another one since, `Invalid` naming a part that
    is empty or too long, `Conflict` before the infusion and after the end of the journey.
    """
    with journey_locked(journey_id) as journey:
        require_stage(journey, Stage.INFUSED, Stage.FOLLOW_UP)
        _refuse_unseen(journey, seen)
        told = _cleaned(sheet)
        hours = holds_hours(journey, at=at)
        seal = SheetSeal(
            language=told.language,
            expires_at=at + timedelta(hours=hours) if hours else None,
            digest=sheet_digest(*(getattr(told, part) for part in PARTS)),
        )
        return _keep(journey, seal, by=by, at=at, texts={part: getattr(told, part) for part in PARTS})


def hand_over_take_over(*, journey_id: UUID, seal: SheetSeal, by: Actor, at: datetime) -> HandOverSheet:
    """A sheet that was written elsewhere: its digest is known, its text stayed where it was written."""
    with journey_locked(journey_id) as journey:
        return _keep(journey, seal, by=by, at=at, texts={})


def hand_over_strike(*, sheet_id: UUID, reason: str, by: Actor, at: datetime) -> HandOverSheet:
    """Mark a sheet as entered in error. It stays readable, struck through, and nobody is handed it."""
    journey_id = HandOverSheet.objects.values_list("journey_id", flat=True).get(pk=sheet_id)
    with journey_locked(journey_id):
        sheet = HandOverSheet.objects.select_for_update().get(pk=sheet_id)
        if sheet.struck_at:
            raise Conflict("already_struck", _("This sheet is already marked as entered in error."))
        event_strike(journey_id, sheet.event_id, reason=reason, by=by, at=at)
        sheet.struck_at, sheet.struck_reason = at, reason
        sheet.save(update_fields=["struck_at", "struck_reason"])
        return sheet


def holds_hours(journey: Journey, *, at: datetime) -> float | None:
    """For how many hours a sheet written at `at` holds; None when the center lets sheets stand."""
    rows = in_force(protocol_for(journey).monitoring.figures, journey.center.local_day(at))
    return next((row.value for row in rows if row.id == HOLDS_HOURS), None)


def sheet_digest(*texts: str) -> str:
    """SHA-256 of the four texts in their order, in hexadecimal."""
    return digest_of(_BETWEEN.join(texts))


def _keep(
    journey: Journey, seal: SheetSeal, *, by: Actor, at: datetime, texts: dict[str, str]
) -> HandOverSheet:
    facts = asdict(seal)
    (event,) = append(journey.pk, [NewEvent(EventKind.HAND_OVER_WRITTEN, at, facts)], by=by)
    crs_grade, icans_grade = grades_at(journey.pk, at=at)
    return HandOverSheet.objects.create(
        journey=journey,
        center_id=journey.center_id,
        crs_grade=crs_grade,
        icans_grade=icans_grade,
        written_by=by.name,
        written_at=at,
        event_id=event.id,
        **asdict(seal),
        **texts,
    )


def _refuse_unseen(journey: Journey, seen: int | None) -> None:
    latest = latest_sheet(journey.pk) if seen is not None else None
    if latest is not None and latest.event_id != seen:
        raise Stale(
            "sheet_written",
            _("%(name)s wrote a sheet meanwhile. Read it below, then save yours again if it says more.")
            % {"name": latest.written_by},
        )


def _cleaned(sheet: SheetDetails) -> SheetDetails:
    texts = {part: plain_lines(getattr(sheet, part)) for part in PARTS}
    refused = {part: _("Write it, or that there is nothing.") for part, text in texts.items() if not text}
    refused |= {
        part: _("Use at most %(most)d characters.") % {"most": MOST_TEXT}
        for part, text in texts.items()
        if len(text) > MOST_TEXT
    }
    if refused:
        raise Invalid("invalid_input", _("The sheet is not complete."), fields=refused)
    return SheetDetails(language=sheet.language, **texts)
