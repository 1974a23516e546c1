"""Moving a journey to another version of its protocol: an act with a reason, never a side effect."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.ledger.kinds import EventKind
from cartpath.ledger.services import NewEvent, append
from cartpath.protocols import catalog
from patients.models import Journey
from patients.services import journey_locked, refuse_closed


def journey_protocol_move(*, journey_id: UUID, version: str, reason: str, by: Actor, at: datetime) -> Journey:
    """Pin an open journey to another version of the same protocol; status and reminders follow.

    The version is a shipped one or a published edition of the journey's own center. What was recorded under
    the old version stays as it is. Raises `Invalid` `unknown_version` or `same_version`, `Conflict`
    `not_pinned` before acceptance and `journey_closed` after the end.
    """
    if not reason.strip():
        raise Invalid(
            "invalid_input", _("No reason."), fields={"reason": _("Say why this journey is moved.")}
        )
    with journey_locked(journey_id) as journey:
        refuse_closed(journey)
        if not journey.protocol_id:
            raise Conflict(
                "not_pinned",
                _("This journey isn't pinned to a protocol yet; its acceptance will do that."),
            )
        origin = journey.protocol_version
        _refuse_wrong_version(journey, version)
        Journey.objects.filter(pk=journey.pk, protocol_version=origin).update(protocol_version=version)
        journey.protocol_version = version
        facts = {"protocol_id": journey.protocol_id, "from": origin, "to": version, "reason": reason.strip()}
        append(journey_id, [NewEvent(EventKind.PROTOCOL_CHANGED, at, facts)], by=by)
        return journey


def _refuse_wrong_version(journey: Journey, version: str) -> None:
    if version == journey.protocol_version:
        raise Invalid(
            "same_version",
            _("The journey is on this version already."),
            fields={"version": _("Choose another version.")},
        )
    try:
        catalog.of_center(journey.protocol_id, version, journey.center)
    except KeyError:
        raise Invalid(
            "unknown_version",
            _("There is no version %(version)s of this protocol in this center.") % {"version": version},
            fields={"version": _("Choose a shipped version or an edition of the journey's center.")},
        ) from None
