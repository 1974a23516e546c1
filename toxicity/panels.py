"""The toxicity panel of the patient page."""

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.enums import Stage
from patients.models import Journey
from patients.panels import Offer, StagePanel, Text, actions_for, is_before, not_yet
from toxicity.interventions.pictures import given_pictures
from toxicity.pictures import CheckState, assessment_pictures, next_check
from toxicity.selectors import assessments, interventions

ANCHOR: Final = "toxicity"
TITLE: Final = _("Toxicity")
TEMPLATE: Final = "toxicity/panel.html"

# After this many the list page is the better place.
SHOWN: Final = 4


def panel(journey: Journey, user: User, at: datetime) -> StagePanel | None:
    """Grades now and at worst, last assessment, what was given; None when it closed before the infusion."""
    if is_before(journey, Stage.INFUSED):
        return not_yet(ANCHOR, TITLE)
    if journey.infused_at is None:
        return None
    found = assessments(journey.pk)
    given = interventions(journey.pk)
    is_acute = journey.stage == Stage.INFUSED
    due_at, check = next_check(journey, found[0].assessed_at if found else None, at=at)
    status, tone = _status(check) if is_acute else ("", "")
    return StagePanel(
        anchor=ANCHOR,
        title=TITLE,
        status=status,
        tone=tone,
        template=TEMPLATE,
        context={
            "journey": journey,
            "latest": next(iter(assessment_pictures(found[:1])), None),
            "count": len(found),
            "given": given_pictures(given[:SHOWN]),
            "more": max(len(given) - SHOWN, 0),
            "due_at": due_at if is_acute else None,
            "check": check,
            "at": at,
        },
        actions=actions_for(user, journey, _offers(journey)),
    )


def _status(check: CheckState) -> tuple[Text, str]:
    return {
        "late": (_("Assessment overdue"), "harm"),
        "due": (_("Assessment due"), "soon"),
        "fine": (_("Acute monitoring"), "accent"),
        "ended": (_("Acute monitoring"), "accent"),
    }[check]


def _offers(journey: Journey) -> list[Offer]:
    """What can be done next, the likeliest first; the ways to what is kept stand in the panel itself."""
    if journey.stage not in (Stage.INFUSED, Stage.FOLLOW_UP):
        return []
    is_acute = journey.stage == Stage.INFUSED
    offers = [
        Offer(Permission.OBSERVE, _("Observations"), "toxicity:observe", primary=is_acute),
        Offer(Permission.RECORD_LABORATORY, _("Laboratory values"), "toxicity:laboratory_new"),
        Offer(Permission.ASSESS_TOXICITY, _("Assess"), "toxicity:assess"),
        Offer(Permission.ASSESS_TOXICITY, _("Intervention"), "toxicity:intervene"),
    ]
    if is_acute:
        offers += [
            Offer(Permission.HAND_OVER, _("Hand over"), "toxicity:sheet_write"),
            Offer(Permission.END_MONITORING, _("End monitoring"), "toxicity:end"),
        ]
    return offers
