"""When people of a center are told, who is away, and which programs listen."""

import base64
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, Membership, User
from cartpath.accounts.permissions import Permission, may
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid, NotFound
from cartpath.reminders.hours import Hours, hours_of
from cartpath.reminders.models import Absence, CenterTelling, WebhookTarget
from cartpath.reminders.webhooks import SECRET_PREFIX, address_problem

# Somebody who is away for longer leaves the role to somebody else.
LONGEST_ABSENCE_DAYS: Final = 366
LOWEST_PRIORITY: Final = 4
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook and its secret; the secret can't be shown again."""

    target: WebhookTarget
    secret: str


def telling_of(center: Center) -> Hours:
    """The hours of a center: as chosen, or else the defaults."""
    chosen = CenterTelling.objects.filter(pk=center.pk).first()
    return hours_of(chosen, center.zone)


def telling_set(
    *,
    center_id: int,
    quiet_from: time | None,
    quiet_until: time | None,
    digest_at: time,
    by: Actor,
    at: datetime,
) -> CenterTelling:
    """Keep the quiet hours and the hour of the digest, in the center's local time.

    Both ends None: no quiet hours. Raises `Invalid` when there is one end only, when both are the same, or
    when the digest would go in quiet hours.
    """
    if (quiet_from is None) != (quiet_until is None) or (
        quiet_from is not None and quiet_from == quiet_until
    ):
        raise _wrong("quiet_until", _("Give a beginning and another end, or neither."))
    if _is_between(digest_at, quiet_from, quiet_until):
        raise _wrong("digest_at", _("The digest would go in the quiet hours."))
    kept, _made = CenterTelling.objects.update_or_create(
        center_id=center_id,
        defaults={
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "digest_at": digest_at,
            "changed_at": at,
            "changed_by": by.name,
        },
    )
    return kept


@transaction.atomic
def absence_add(
    *,
    user: User,
    center_id: int,
    first_on: date,
    last_on: date,
    substitute_id: int | None,
    by: Actor,
    at: datetime,
) -> Absence:
    """Note that a person is away on these local days, both included, and who is told instead, if anybody.

    Raises `Invalid` for days out of order or past, for somebody who doesn't work in the center, and for a
    substitute who may not see its patients; `Conflict` `already_absent` when the days meet another absence.
    """
    center = Center.objects.select_for_update(no_key=True).get(pk=center_id)
    if last_on < first_on:
        raise _wrong("last_on", _("The last day lies before the first."))
    if last_on < center.local_day(at):
        raise _wrong("last_on", _("These days are past."))
    if (last_on - first_on).days >= LONGEST_ABSENCE_DAYS:
        raise _wrong("last_on", _("An absence lasts a year at most."))
    if not _roles(user.pk, center_id):
        raise _wrong("user", _("This person has no role in the center."))
    if substitute_id is not None:
        if substitute_id == user.pk:
            raise _wrong("substitute", _("Nobody stands in for themselves."))
        if not may(_roles(substitute_id, center_id), Permission.VIEW_PATIENTS):
            raise _wrong(
                "substitute", _("The substitute must be somebody who may see the center's patients.")
            )
    met = Absence.objects.standing().filter(
        user=user, center=center, first_on__lte=last_on, last_on__gte=first_on
    )
    if met.exists():
        raise Conflict("already_absent", _("An absence on these days is entered already."))
    return Absence.objects.create(
        user=user,
        center=center,
        first_on=first_on,
        last_on=last_on,
        substitute_id=substitute_id,
        added_at=at,
        added_by=by.name,
    )


def absence_end(*, absence_id: UUID, by: Actor, at: datetime) -> None:
    """Take an absence back: from now on the person is told again. Twice changes nothing.

    Raises `NotFound`.
    """
    if not Absence.objects.filter(pk=absence_id).exists():
        raise NotFound
    Absence.objects.standing().filter(pk=absence_id).update(ended_at=at, ended_by=by.name)


def webhook_make(
    *, center_id: int, name: str, url: str, up_to_priority: int, by: Actor, at: datetime
) -> NewWebhook:
    """Let a program of the house hear of the center's reminders up to a priority.

    Raises `Invalid` without a name, for an impossible priority, and for an address that isn't https or leads
    to this machine.
    """
    if not name.strip():
        raise _wrong("name", _("Give it a name."))
    if not 1 <= up_to_priority <= LOWEST_PRIORITY:
        raise _wrong("up_to_priority", _("A priority is a number from 1 to 4."))
    problem = address_problem(url)
    if problem is not None:
        raise _wrong("url", problem)
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")
    target = WebhookTarget.objects.create(
        center_id=center_id,
        name=name.strip(),
        url=url,
        secret=secret,
        up_to_priority=up_to_priority,
        made_at=at,
        made_by=by.name,
    )
    return NewWebhook(target=target, secret=secret)


def webhook_revoke(*, webhook_id: UUID, by: Actor, at: datetime) -> None:
    """Tell a program nothing more, from now on. Twice keeps the first time. Raises `NotFound`."""
    if not WebhookTarget.objects.filter(pk=webhook_id).exists():
        raise NotFound
    WebhookTarget.objects.filter(pk=webhook_id, is_active=True).update(
        is_active=False, revoked_at=at, revoked_by=by.name
    )


def _roles(user_id: int, center_id: int) -> frozenset[str]:
    held = Membership.objects.filter(user=user_id, center=center_id, user__is_active=True)
    return frozenset(held.values_list("role", flat=True))


def _is_between(moment: time, start: time | None, end: time | None) -> bool:
    """Whether an hour of the day lies in a span of hours that may reach over midnight."""
    if start is None or end is None:
        return False
    return start <= moment < end if start < end else moment >= start or moment < end


def _wrong(field: str, text: str) -> Invalid:
    return Invalid("invalid_input", text, fields={field: text})
