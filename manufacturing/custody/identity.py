"""Writes of the chain of identity: set, and set anew as long as nothing relies on it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Conflict, Invalid
from cartpath.core.said import said_text
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from manufacturing.custody.rules.numbers import identity_problem, plain_identifier
from manufacturing.custody.words import ChangeReason, Scheme
from manufacturing.models import ChainOfIdentity, Order
from patients.services import journey_locked, refuse_closed


def chain_of_identity_set(
    *, journey_id: UUID, scheme: str, identifier: str, by: Actor, at: datetime, reason: str = ""
) -> ChainOfIdentity:
    """Set the identifier that ties the child to its cells; another one only while it isn't used, and why.

    A second collection and cells that are made again keep it: it belongs to the journey. Raises `Conflict`
    `identity_used` once the patient was verified or anything later happened, and `Invalid` for an identifier
    that can't be or that belongs to another journey of the center.
    """
    if scheme not in Scheme.values:
        raise unknown_choice("scheme", Scheme)
    problem = identity_problem(scheme, identifier)
    if problem is not None:
        raise _refused(said_text(problem))
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        known = ChainOfIdentity.objects.filter(journey=journey).first()
        plain = plain_identifier(scheme, identifier)
        if known is not None:
            _refuse_change(known, scheme, plain, reason)
        same = {"center_id": journey.center_id, "scheme": scheme, "identifier": plain}
        of_others = Order.objects.filter(center_id=journey.center_id, chain_of_identity=plain)
        if (
            ChainOfIdentity.objects.filter(**same).exclude(journey=journey).exists()
            or of_others.exclude(journey=journey).exists()
        ):
            raise _refused(_("This identifier belongs to another journey of this center."))
        _refuse_other_order(journey_id, known, plain)
        facts = {"scheme": scheme, "identifier": plain, "reason": reason}
        append(journey.pk, [NewEvent(EventKind.CHAIN_OF_IDENTITY_SET, at, facts)], by=by)
        if known is not None:
            mistyped = Order.objects.filter(journey=journey, chain_of_identity=known.identifier)
            mistyped.update(chain_of_identity=plain)
        return ChainOfIdentity.objects.get(journey=journey)


def _refuse_change(known: ChainOfIdentity, scheme: str, identifier: str, reason: str) -> None:
    if known.used_at is not None:
        raise Conflict(
            "identity_used",
            _("This identifier is in use since the patient was verified: it can't change any more."),
        )
    if (known.scheme, known.identifier) == (scheme, identifier):
        raise _refused(_("This identifier is set already."))
    if not reason:
        raise Invalid("invalid_input", _("No reason."), fields={"reason": _("Say why it changes.")})
    if reason not in ChangeReason.values:
        raise unknown_choice("reason", ChangeReason)


def _refuse_other_order(journey_id: UUID, known: ChainOfIdentity | None, identifier: str) -> None:
    """An order that carries another identifier than the chain had can't be left behind."""
    kept = {identifier, "", known.identifier if known else identifier}
    if Order.objects.filter(journey_id=journey_id).exclude(chain_of_identity__in=kept).exists():
        raise _refused(_("The order of this journey carries another identifier."))


def _refused(sentence: str) -> Invalid:
    return Invalid("invalid_input", sentence, fields={"identifier": sentence})
