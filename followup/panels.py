"""The follow-up panel of the patient page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from followup.case_pictures import has_open_case, journey_cases
from followup.enums import BCellState
from followup.immune.history import History
from followup.immune.pictures import b_cell_picture
from followup.models import DiseaseEvent
from followup.pictures import VisitPicture, clocks_at, next_visit, visit_pictures
from followup.selectors import happenings
from patients.eligibility import protocol_for
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet

ANCHOR: Final = "follow-up"
TITLE: Final = _("Follow-up")
TEMPLATE: Final = "followup/panel.html"


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """The next visit, the last findings, B-cell aplasia; None when it closed before the infusion."""
    if is_before(journey, Stage.INFUSED):
        return not_yet(ANCHOR, TITLE)
    if journey.infused_at is None:
        return None
    on = journey.center.local_day(at)
    happened = happenings(journey)
    pictures = visit_pictures(journey, on=on, happened=happened)
    coming = next_visit(pictures)
    held = [each for each in pictures if each.planned.visit]
    missed = sum(each.state == "missed" for each in pictures)
    status, tone = _status(journey, coming, missed)
    b_cells = journey.status.b_cell_aplasia
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context={
            "journey": journey,
            "next": coming,
            "last": held[-1] if held else None,
            "held": len(held),
            "total": sum(each.is_held or each.is_awaited for each in pictures),
            "missed": missed,
            "acts_on_b_cells": protocol_for(journey).follow_up.b_cell_aplasia is not None,
            "b_cells": BCellState(b_cells).label if b_cells else None,
            "b_cell_picture": b_cell_picture(journey, History(journey), on=journey.center.local_day(at)),
            "events": list(
                DiseaseEvent.objects.filter(journey=journey, struck_at=None).order_by("happened_on")
            ),
            "clocks": clocks_at(journey, happened, on=on),
            "cases": [each for each in journey_cases(journey) if each.case.is_open],
        },
        actions=actions_for(user, journey, _offers(journey, pictures)),
    )


def _status(journey: Journey, coming: VisitPicture | None, missed: int) -> tuple[Text, str]:
    if has_open_case(journey):
        return _("New malignancy: case open"), "harm"
    if journey.stage == Stage.CLOSED:
        return "", ""
    if missed:
        return _("Visit overdue"), "harm"
    if coming and coming.state == "due":
        return _("Visit due"), "soon"
    return (_("Up to date"), "good") if coming else (_("Complete"), "good")


def _offers(journey: Journey, pictures: Sequence[VisitPicture]) -> list[Offer]:
    """What can be done next, the likeliest first."""
    plan = Offer(Permission.VIEW_PATIENTS, _("Plan"), "followup:plan")
    if journey.stage == Stage.CLOSED:
        return [plan]
    coming = next_visit(pictures)
    offers = [plan]
    if coming and coming.is_open:
        item = coming.planned.expected.item
        offers = [
            Offer(Permission.RECORD_VISIT, _("Record visit"), "followup:visit", primary=True, args=(item,)),
            plan,
        ]
    return [
        *offers,
        Offer(Permission.VIEW_PATIENTS, _("Immune system"), "followup:immune"),
        Offer(Permission.RECORD_VISIT, _("Relapse"), "followup:relapse"),
        Offer(Permission.RECORD_VISIT, _("Transplant"), "followup:transplant"),
    ]
