"""Going on against a stop: who may, by the rows of the protocol, and what was said."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.enums import Role
from cartpath.accounts.models import User
from cartpath.accounts.permissions import SENIORS, Permission
from cartpath.core.actor import Actor
from cartpath.core.errors import Invalid
from cartpath.protocols.ready_rows import StopRule, stop_rule
from cartpath.protocols.rows import in_force
from infusion.enums import ChecklistVerdict
from infusion.inputs import ChecklistAnswer
from infusion.models import ChecklistItem
from infusion.rules.ready import may_override
from patients.eligibility import protocol_for
from patients.models import Journey

DOSE = "dose"


def rule_of(journey: Journey, stop: str, *, on: date, is_item: bool = False) -> StopRule | None:
    """The row of the protocol about a stop on a day; None where it has none."""
    return stop_rule(in_force(protocol_for(journey).pathway.stops, on), stop, is_item=is_item)


def roles_of(journey: Journey, stop: str, *, on: date, is_item: bool = False) -> tuple[str, ...]:
    """Which roles may go on against a stop. Where the protocol says nothing, clinicians may.

    A protocol from before these rows let clinicians override the checklist, and nothing else could be.
    """
    rule = rule_of(journey, stop, on=on, is_item=is_item)
    if rule is None:
        return (Role.CLINICIAN.value,) if is_item else ()
    return rule.roles


def person_may_override(user: User, journey: Journey, roles: tuple[str, ...]) -> bool:
    """Whether a person may go on against a stop of these roles in the journey's center."""
    held = user.roles_by_center.get(journey.center_id, frozenset())
    seniors = {str(role): frozenset(map(str, above)) for role, above in SENIORS.items()}
    return user.may(Permission.OVERRIDE_STOP, journey.center_id) and may_override(roles, list(held), seniors)


def is_stop(journey: Journey, answer: ChecklistAnswer, *, on: date) -> bool:
    """Whether an answer overrides a condition that isn't on the checklist, or takes that back."""
    if answer.verdict == ChecklistVerdict.MET.value:
        return False
    return rule_of(journey, answer.item, on=on) is not None


def refuse_override(journey: Journey, answer: ChecklistAnswer, *, by: Actor, on: date) -> None:
    """Raise `Invalid` `not_overridable` or `not_entitled` for a hard stop that this person can't go against.

    What an import tells was decided elsewhere.
    """
    if answer.verdict != ChecklistVerdict.OVERRIDDEN.value:
        return
    items = {item.id: item for item in protocol_for(journey).checklist_items(on)}
    item = items.get(answer.item)
    if item is not None and item.severity != "block":
        return
    roles = roles_of(journey, answer.item, on=on, is_item=item is not None)
    if not roles:
        sentence = _("Nobody goes on against this stop: what stands in the way has to be settled.")
        raise Invalid("not_overridable", sentence, fields={"reason": sentence})
    if by.user_id is None:
        return
    if not person_may_override(User.objects.get(pk=by.user_id), journey, roles):
        sentence = _("Only these roles go on against this stop: %(roles)s.") % {"roles": role_names(roles)}
        raise Invalid("not_entitled", sentence, fields={"reason": sentence})


def role_names(roles: tuple[str, ...]) -> str:
    """Roles as people call them."""
    return ", ".join(str(Role(role).label) for role in roles)


def overrides_of(journey_id: UUID) -> dict[str, ChecklistItem]:
    """What was overridden, by its name; one query."""
    rows = ChecklistItem.objects.filter(journey_id=journey_id, verdict=ChecklistVerdict.OVERRIDDEN)
    return {row.item: row for row in rows}


def dose_reason(journey: Journey, typed: str) -> str:
    """Why a dose outside the rule is given: as typed, else as decided before the infusion."""
    if typed.strip():
        return typed.strip()
    decided = overrides_of(journey.pk).get(DOSE)
    return decided.reason if decided else ""
