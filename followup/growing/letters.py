"""Writes of letters: begun from the facts, edited, signed. A signed letter never changes again."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from followup.growing.facts import letter_facts
from followup.growing.inputs import LetterDetails
from followup.growing.wording import letter_text
from followup.models import Letter
from patients.papers import LetterState, digest_of, plain_lines
from patients.services import journey_locked


def letter_begin(*, journey_id: UUID, letter: LetterDetails, by: Actor, at: datetime) -> Letter:
    """A draft with the text that follows from the facts of now, in the letter's own language.

    A draft is a working paper and no event; the ledger hears of a letter when it is signed.
    """
    with journey_locked(journey_id) as journey:
        facts = letter_facts(journey, at=at)
        return Letter.objects.create(
            journey=journey,
            center_id=journey.center_id,
            body=letter_text(facts, kind=letter.kind, language=letter.language),
            begun_by=by.name,
            begun_at=at,
            **asdict(letter),
        )


def letter_edit(*, letter_id: UUID, addressee: str, body: str) -> Letter:
    """Change a draft. Raises `Conflict` `letter_final` for one that is signed."""
    with journey_locked(_journey_of(letter_id)):
        letter = _draft(letter_id)
        letter.addressee, letter.body = addressee, plain_lines(body)
        letter.save(update_fields=["addressee", "body"])
        return letter


def letter_sign(*, letter_id: UUID, by: Actor, at: datetime) -> Letter:
    """Make a draft final. The ledger keeps the SHA-256 of its text, so that the text can be verified."""
    journey_id = _journey_of(letter_id)
    with journey_locked(journey_id):
        letter = _draft(letter_id)
        if not letter.body.strip():
            raise Invalid("invalid_input", _("No text."), fields={"body": _("Write the letter first.")})
        details = LetterDetails(
            kind=letter.kind,  # type: ignore[arg-type]
            addressee=letter.addressee,
            language=letter.language,  # type: ignore[arg-type]
        )
        digest = digest_of(letter.body)
        facts = asdict(details) | {"digest": digest}
        (event,) = append(journey_id, [NewEvent(EventKind.LETTER_MADE, at, facts)], by=by)
        letter.state, letter.digest, letter.event_id = LetterState.FINAL, digest, event.id
        letter.signed_by, letter.signed_at = by.name, at
        letter.save(update_fields=["state", "digest", "event_id", "signed_by", "signed_at"])
        return letter


def letter_drop(*, letter_id: UUID) -> None:
    """Throw a draft away. Raises `Conflict` `letter_final` for one that is signed."""
    with journey_locked(_journey_of(letter_id)):
        _draft(letter_id).delete()


def letter_take_over(
    *, journey_id: UUID, letter: LetterDetails, digest: str, by: Actor, at: datetime
) -> Letter:
    """A letter that was made elsewhere: its digest is known, its text stayed where it was written."""
    with journey_locked(journey_id) as journey:
        facts = asdict(letter) | {"digest": digest}
        (event,) = append(journey_id, [NewEvent(EventKind.LETTER_MADE, at, facts)], by=by)
        return Letter.objects.create(
            journey=journey,
            center_id=journey.center_id,
            state=LetterState.FINAL,
            begun_by=by.name,
            begun_at=at,
            signed_by=by.name,
            signed_at=at,
            digest=digest,
            event_id=event.id,
            **asdict(letter),
        )


def _journey_of(letter_id: UUID) -> UUID:
    return Letter.objects.values_list("journey_id", flat=True).get(pk=letter_id)


def _draft(letter_id: UUID) -> Letter:
    letter = Letter.objects.select_for_update().get(pk=letter_id)
    if letter.state != LetterState.DRAFT:
        raise Conflict("letter_final", _("This letter is signed and can't change. Begin a new one."))
    return letter
