"""The conditions of the infusion as the page groups them, with what this person may do about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from infusion.models import InfusionHold
from infusion.readiness import PERMISSIONS
from infusion.ready.conditions import ReadyPicture
from infusion.ready.holding import hold_label
from infusion.ready.overriding import person_may_override, role_names
from infusion.rules.ready import Condition
from patients.enums import Stage
from patients.models import Journey

_PERMISSIONS: Final = PERMISSIONS | {
    "infusion:holds": Permission.HOLD_INFUSION,
    "infusion:bridging": Permission.VIEW_PATIENTS,
    "infusion:part": Permission.CONFIRM_INFUSION,
}
_PRODUCT: Final = frozenset({"product", "match", "bag", "identity", "hold"})
_CHILD: Final = frozenset({"depletion", "window", "staging", "gate", "dose", "weight"})


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition with its links; "" where there is none for this person."""

    condition: Condition
    page_url: str
    override_url: str
    roles: str


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Conditions under one heading, those that stand in the way first."""

    title: str | Promise
    lines: tuple[ConditionLine, ...]


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One hold with its reason in words, and whether its review is late."""

    hold: InfusionHold
    label: str
    is_late: bool

    @property
    def is_open(self) -> bool:
        """Whether the infusion waits for it."""
        return self.hold.ended_at is None and self.hold.struck_at is None


def condition_lines(picture: ReadyPicture, journey: Journey, user: User) -> tuple[ConditionGroup, ...]:
    """Every condition under its heading."""
    phases = {line.item: line.phase for line in picture.ready.lines}
    groups = (
        (_("Product and identity"), lambda each: each.name in _PRODUCT),
        (_("Child, lymphodepletion and dose"), lambda each: each.name in _CHILD),
        (_("Before lymphodepletion"), lambda each: phases.get(each.name) == "before_lymphodepletion"),
        (_("Before the infusion"), lambda each: phases.get(each.name) == "before_infusion"),
    )
    made = []
    for title, belongs in groups:
        found = sorted(filter(belongs, picture.conditions), key=_urgency)
        if found:
            made.append(ConditionGroup(title, tuple(_line(each, journey, user) for each in found)))
    return tuple(made)


def hold_lines(journey: Journey, holds: Sequence[InfusionHold], at: datetime) -> tuple[HoldLine, ...]:
    """Holds in words."""
    return tuple(
        HoldLine(
            hold=hold,
            label=hold_label(journey, hold.reason),
            is_late=hold.ended_at is None and hold.struck_at is None and hold.review_at <= at,
        )
        for hold in holds
    )


def _urgency(condition: Condition) -> int:
    if condition.stands_in_the_way:
        return 0
    return 2 if condition.is_settled else 1


def _line(condition: Condition, journey: Journey, user: User) -> ConditionLine:
    page_url = override_url = ""
    permission = _PERMISSIONS.get(condition.page)
    if not condition.is_settled and permission and user.may(permission, journey.center_id):
        page_url = reverse(condition.page, args=[journey.pk])
    decidable = condition.can_be_overridden and journey.stage in (Stage.RELEASED, Stage.LYMPHODEPLETION)
    if decidable and person_may_override(user, journey, condition.roles):
        override_url = reverse("infusion:override", args=[journey.pk, condition.name])
    return ConditionLine(condition, page_url, override_url, role_names(condition.roles))
