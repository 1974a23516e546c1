"""What is due, as pages show it: the words, the state, and the one act that settles it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.ledger.kinds import EventKind
from cartpath.reminders.enums import Timing
from cartpath.reminders.models import Reminder
from cartpath.reminders.selectors import TodayChild, TodayLine
from cartpath.web.components import DueState
from cartpath.web.snoozing import may_be_put_off
from patients.banner import day_of
from patients.eligibility import protocol_for
from patients.models import Journey, Patient
from patients.panels import PanelAction


@dataclass(frozen=True, slots=True)
class Form:
    """The form that makes the event a reminder waits for; `takes_item` when its address names the item."""

    label: Promise
    page: str
    takes_item: bool = False


FORMS: Final[dict[str, Form]] = {
    EventKind.ACCEPTED: Form(_("Decide"), "patients:eligibility"),
    EventKind.APHERESIS_BOOKED: Form(_("Book"), "leukapheresis:booking"),
    EventKind.PRODUCT_ORDERED: Form(_("Order"), "manufacturing:order"),
    EventKind.PRODUCT_RELEASED: Form(_("Release"), "manufacturing:release"),
    EventKind.RELEASE_COMPLETED: Form(_("Complete the release"), "manufacturing:completion"),
    EventKind.PRODUCT_RECEIVED: Form(_("Receive"), "manufacturing:receipt"),
    EventKind.LYMPHODEPLETION_GIVEN: Form(_("Record dose"), "infusion:lymphodepletion"),
    EventKind.INFUSION_HOLD_ENDED: Form(_("Look at it again"), "infusion:holds"),
    EventKind.INFUSED: Form(_("Checklist"), "infusion:checklist"),
    EventKind.FRACTION_INFUSED: Form(_("Next part"), "infusion:part"),
    EventKind.TOXICITY_ASSESSED: Form(_("Assess"), "toxicity:assess"),
    EventKind.OBSERVATIONS_RECORDED: Form(_("Observe"), "toxicity:observe"),
    EventKind.LABORATORY_RECORDED: Form(_("Record values"), "toxicity:laboratory_new"),
    EventKind.ALERT_ACKNOWLEDGED: Form(_("Answer"), "toxicity:alerts_answer"),
    EventKind.ACUTE_MONITORING_ENDED: Form(_("Decide"), "toxicity:end"),
    EventKind.VISIT_RECORDED: Form(_("Record visit"), "followup:visit", takes_item=True),
    EventKind.MALIGNANCY_STEP_RECORDED: Form(_("Open the case"), "followup:cases"),
    EventKind.CONSENT_RECORDED: Form(_("Record consent"), "patients:consent_new"),
    EventKind.HAND_OVER_STEP_RECORDED: Form(_("Hand-over"), "followup:hand_over"),
    EventKind.CARE_HANDED_OVER: Form(_("Hand-over"), "followup:hand_over"),
    EventKind.CONTACT_ATTEMPTED: Form(_("Attempt to reach"), "followup:attempt"),
    EventKind.SAMPLE_RECORDED: Form(_("Record sample"), "followup:immune_sample"),
}

STATES: Final[dict[Timing, DueState]] = {
    Timing.OVERDUE: "overdue",
    Timing.DUE: "due",
    Timing.UPCOMING: "upcoming",
}


@dataclass(frozen=True, slots=True)
class DueLine:
    """One reminder on a page.

    `act` leads to the form that fulfils it, for those who may fill it in. `is_registry_form` is set where a
    press says that a form was sent to the registry. `missed` counts earlier ones of the series left undone.
    `is_put_off` says that somebody snoozed it: nobody is told, and it can still be done at any time;
    `may_put_off` that it can wait at all.
    """

    reminder: Reminder
    label: str
    state: DueState
    due: date | datetime
    missed: int
    act: PanelAction | None
    is_registry_form: bool
    may_work: bool
    is_put_off: bool
    may_put_off: bool

    @property
    def is_open(self) -> bool:
        """Whether anything can still be done."""
        return self.state != "done"

    @property
    def has_acts(self) -> bool:
        """Whether this person can do anything about it here."""
        return self.is_open and (self.act is not None or (self.may_work and self.is_pressing))

    @property
    def is_pressing(self) -> bool:
        """Whether it should be done now, or should have been."""
        return self.state in ("overdue", "due")


@dataclass(frozen=True, slots=True)
class DueChild:
    """What is due for one child in one journey."""

    patient: Patient
    journey: Journey
    url: str
    day: int | None
    lines: Sequence[DueLine]


def due_child(child: TodayChild, user: User, *, today: date, at: datetime) -> DueChild:
    """A child of the Today page, with what this person may do for each line."""
    journey = child.journey
    journey.center = child.lines[0].reminder.center
    return DueChild(
        patient=child.patient,
        journey=journey,
        url=reverse("web:journey", args=[journey.pk]),
        day=day_of(journey, today),
        lines=[due_line(line, user, journey, at=at) for line in child.lines],
    )


def due_line(line: TodayLine, user: User, journey: Journey, *, at: datetime) -> DueLine:
    """One line with what this person may do for it."""
    return _line(line.reminder, user, journey, STATES[line.timing], missed=line.missed, at=at)


def settled_line(reminder: Reminder, user: User, journey: Journey, *, at: datetime) -> DueLine:
    """A reminder as it stands after somebody has pressed a button."""
    timing = reminder.timing(at)
    missed = (
        reminder.journey.reminders.open()
        .filter(item=reminder.item, occurrence__lt=reminder.occurrence)
        .count()
        if timing
        else 0
    )
    return _line(reminder, user, journey, STATES[timing] if timing else "done", missed=missed, at=at)


def _line(
    reminder: Reminder, user: User, journey: Journey, state: DueState, *, missed: int, at: datetime
) -> DueLine:
    return DueLine(
        reminder=reminder,
        label=gettext(reminder.label),
        state=state,
        due=reminder.due_on or reminder.due_at,
        missed=missed,
        act=form_for(reminder, user, journey),
        is_registry_form=_is_registry_form(journey, reminder.item),
        may_work=user.may(Permission.WORK_REMINDERS, reminder.center_id),
        is_put_off=reminder.is_open and reminder.is_snoozed(at),
        may_put_off=may_be_put_off(reminder, at=at),
    )


def form_for(reminder: Reminder, user: User, journey: Journey) -> PanelAction | None:
    """The form that fulfils a reminder; None where there is none, or none that this person may fill in."""
    form = FORMS.get(fulfilled_by(journey, reminder.item) or "")
    if form is None:
        return None
    args = [journey.pk, reminder.item] if form.takes_item else [journey.pk]
    url = reverse(form.page, args=args)
    if not user.may(_permission(form.page, url), reminder.center_id):
        return None
    return PanelAction(form.label, url, primary=True)


def fulfilled_by(journey: Journey, item: str) -> str | None:
    """The kind of event that fulfils an item in this journey; None for an item the protocol lost."""
    expected = protocol_for(journey).item(item)
    return expected.fulfilled_by.kind if expected else None


def _is_registry_form(journey: Journey, item: str) -> bool:
    """Whether an item is a form for the registry, in the journey's protocol."""
    protocol = protocol_for(journey)
    expected = protocol.item(item)
    return expected is not None and expected.series in {row.id for row in protocol.follow_up.registry}


_permissions: dict[str, Permission] = {}


def _permission(page: str, url: str) -> Permission:
    """What a page asks for, read from its view once."""
    if page not in _permissions:
        _permissions[page] = resolve(url).func.permission  # type: ignore[attr-defined]
    return _permissions[page]
