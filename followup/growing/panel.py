"""The panel of growing up on the patient page: contact, hand-over, letters, the families' sheet."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from followup.growing.selectors import hand_over_picture, is_adult_soon
from followup.growing.tracing import TraceRow, trace_of
from followup.models import Letter
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for

ANCHOR: Final = "growing"
TITLE: Final = _("Contact and growing up")
_TONES: Final = {"lost": "harm", "not_seen": "harm", "looked_for": "soon", "found": "info", "in_contact": ""}
LETTERS_SHOWN: Final = 3


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Whether we know where the child is, how far the way to adult care is, the last letters.

    None before the infusion.
    """
    if journey.infused_at is None:
        return None
    today = journey.center.local_day(at)
    row = trace_of(journey, on=today)
    picture = hand_over_picture(journey)
    status, tone = _status(row)
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template="followup/growing/panel.html",
        context={
            "journey": journey,
            "row": row,
            "picture": picture,
            "letters": list(Letter.objects.filter(journey=journey).order_by("-begun_at")[:LETTERS_SHOWN]),
            "on": today,
        },
        actions=actions_for(user, journey, _offers(journey, row, is_adult=is_adult_soon(journey, today))),
    )


def _status(row: TraceRow | None) -> tuple[Text, str]:
    if row is None or not row.is_missing:
        return "", ""
    return (
        (_("Moved away"), "soon")
        if row.trace.state == "in_contact"
        else (
            row.label,
            _TONES[row.trace.state],
        )
    )


def _offers(journey: Journey, row: TraceRow | None, *, is_adult: bool) -> list[Offer]:
    letters = [
        Offer(Permission.VIEW_PATIENTS, _("Letters"), "followup:letters"),
        Offer(Permission.VIEW_PATIENTS, _("Families' sheet"), "followup:family_sheet"),
    ]
    if journey.stage == Stage.CLOSED or row is None:
        return letters
    search = (
        Offer(Permission.RECORD_VISIT, _("Found again"), "followup:found", primary=True)
        if row.loss
        else Offer(Permission.RECORD_VISIT, _("Not found"), "followup:lost")
    )
    hand_over = [Offer(Permission.VIEW_PATIENTS, _("Hand-over"), "followup:hand_over")] if is_adult else []
    attempt = Offer(Permission.EDIT_PATIENT, _("Attempt to reach"), "followup:attempt")
    return [*hand_over, attempt, search, *letters]
