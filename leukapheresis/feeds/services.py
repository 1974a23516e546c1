"""Making, opening and revoking the secret addresses of calendars."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User, token_digest
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.errors import Conflict, Forbidden, NotFound
from leukapheresis.enums import FeedKind
from leukapheresis.models import CalendarFeed, Resource

MOST_ADDRESSES: Final = 20
# Noting every question would cost a write each.
_NOTED_EVERY: Final = timedelta(hours=1)
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class NewFeed:
    """An address just made; its text can't be shown again."""

    feed: CalendarFeed
    address: str


@transaction.atomic
def feed_make(*, user: User, name: str, resource: Resource | None = None, at: datetime) -> NewFeed:
    """A new address of the person's calendar, or of a resource's, in the language that is active.

    Raises `Forbidden` for somebody who may not see the calendar, and `Conflict` `too_many_addresses`.
    """
    if resource is not None:
        require(user, Permission.VIEW_PATIENTS, resource.center_id)
    elif not user.centers_for(Permission.VIEW_PATIENTS):
        act = Permission.VIEW_PATIENTS.label
        raise Forbidden("forbidden", _("Your role does not allow this: %(act)s.") % {"act": act})
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if CalendarFeed.objects.filter(user=user, revoked_at=None).count() >= MOST_ADDRESSES:
        sentence = _("You have %(most)d addresses. Revoke one first.") % {"most": MOST_ADDRESSES}
        raise Conflict("too_many_addresses", sentence)
    token = secrets.token_urlsafe(_SECRET_BYTES)
    feed = CalendarFeed.objects.create(
        kind=FeedKind.PERSON if resource is None else FeedKind.RESOURCE,
        user=user,
        resource=resource,
        name=name.strip(),
        language=_language(),
        token_hash=token_digest(token),
        created_at=at,
    )
    path = reverse("leukapheresis:feed", args=[token])
    return NewFeed(feed, settings.SITE_URL + path)


def feed_revoke(*, feed_id: UUID, by: User, at: datetime) -> CalendarFeed:
    """Shut an address for good; revoking twice keeps the first time.

    Its maker may, the administrators of the maker's centers, and for a resource's address whoever manages the
    center's openings. To others it doesn't exist.
    """
    feed = CalendarFeed.objects.filter(pk=feed_id).select_related("resource", "user").first()
    if feed is None or not _may_revoke(by, feed):
        raise NotFound
    CalendarFeed.objects.filter(pk=feed_id, revoked_at=None).update(revoked_at=at, revoked_by=by.name)
    feed.refresh_from_db(fields=["revoked_at", "revoked_by"])
    return feed


def feed_opened(token: str, *, at: datetime) -> CalendarFeed | None:
    """The feed of an address, with its person; None for an address that is unknown or revoked.

    The look-up is by digest, so how long it takes tells nothing about the secret.
    """
    digest = token_digest(token)
    feed = CalendarFeed.objects.filter(token_hash=digest, revoked_at=None).select_related("user").first()
    if feed is not None:
        stale = Q(read_at=None) | Q(read_at__lte=at - _NOTED_EVERY)
        if feed.read_at is None or feed.read_at <= at - _NOTED_EVERY:
            CalendarFeed.objects.filter(stale, pk=feed.pk).update(read_at=at)
    return feed


def feeds_of_person(user: User) -> Sequence[CalendarFeed]:
    """The person's live addresses, the newest first."""
    rows = CalendarFeed.objects.filter(user=user, revoked_at=None).select_related("resource")
    return list(rows.order_by("-created_at"))


def feeds_of_resource(user: User, resource: Resource) -> Sequence[CalendarFeed]:
    """The live addresses of a resource that the person may revoke, the newest first."""
    rows = CalendarFeed.objects.filter(resource=resource, revoked_at=None).select_related("user", "resource")
    return [row for row in rows.order_by("-created_at") if _may_revoke(user, row)]


def feeds_of_center(center: Center) -> Sequence[CalendarFeed]:
    """The live addresses of everybody who works in a center, and of its resources, by maker."""
    theirs = Q(user__memberships__center=center) | Q(resource__center=center)
    rows = CalendarFeed.objects.filter(theirs, revoked_at=None).select_related("user", "resource").distinct()
    return list(rows.order_by("user__name", "-created_at"))


def _may_revoke(user: User, feed: CalendarFeed) -> bool:
    if feed.user_id == user.pk:
        return True
    if not set(user.centers_for(Permission.ADMINISTER)).isdisjoint(feed.user.center_ids):
        return True
    return feed.resource is not None and user.may(Permission.MANAGE_OPENING, feed.resource.center_id)


def _language() -> str:
    active = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return active if active in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
