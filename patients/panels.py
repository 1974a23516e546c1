"""One panel per stage on the patient page: what each stage app hands over, and how its links are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from patients.enums import Stage
from patients.models import Journey
from patients.results import RuleResult

Text = str | Promise


@dataclass(frozen=True, slots=True)
class PanelAction:
    """A next step that the person who looks may take."""

    label: Text
    url: str
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePanel:
    """One stage on the patient page.

    `template` draws the body from `context`; `status` and `tone` are the chip beside the title. A quiet panel
    belongs to a stage that has not come yet. `computed` are the stage's stored values, each with its why.
    """

    anchor: str
    title: Text
    status: Text = ""
    tone: str = ""
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[PanelAction, ...] = ()
    quiet: bool = False
    computed: tuple[RuleResult, ...] = ()

    @property
    def body(self) -> SafeString:
        """The body, drawn."""
        return render_to_string(self.template, dict(self.context)) if self.template else SafeString("")


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that stands open now, whoever looks: its permission decides who is shown it.

    `name` is the URL's name; it takes the journey's key and then `args`.
    """

    permission: Permission
    label: Text
    name: str
    primary: bool = False
    args: tuple[object, ...] = ()


def actions_for(user: User, journey: Journey, offers: list[Offer]) -> tuple[PanelAction, ...]:
    """The offers this person may take up in the journey's center."""
    return tuple(
        PanelAction(offer.label, reverse(offer.name, args=[journey.pk, *offer.args]), offer.primary)
        for offer in offers
        if user.may(offer.permission, journey.center_id)
    )


def is_before(journey: Journey, stage: Stage) -> bool:
    """Whether the journey has not come to `stage` yet."""
    order = list(Stage)
    return order.index(Stage(journey.stage)) < order.index(stage)


def not_yet(anchor: str, title: Text) -> StagePanel:
    """The panel of a stage that has not come yet."""
    return StagePanel(anchor=anchor, title=title, status=_("Not yet"), quiet=True)
