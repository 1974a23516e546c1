"""From what was scanned to the page that opens, or to the stop that is kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Invalid
from cartpath.core.said import said_text
from manufacturing.models import CustodyItem, ScanStop
from manufacturing.scanning.rules.judging import OTHER_CHILD, REPLACED, UNKNOWN, Stopped, stop_for
from manufacturing.scanning.rules.reading import Read, read_code
from manufacturing.scanning.rules.routing import Next, next_for
from manufacturing.scanning.selectors import (
    items_near,
    items_read,
    journey_of_identity,
    seen,
    wristband_read,
)
from manufacturing.scanning.services import scan_stop
from patients.models import Journey


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a scan leads to: one child, at most one item and what follows; or several to choose from."""

    journey: Journey | None = None
    item: CustodyItem | None = None
    following: Next | None = None
    choice: tuple[CustodyItem, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing in the person's centers fits."""
        return self.journey is None and not self.choice


def scan(
    typed: str, *, user: User, at: datetime, journey: Journey | None = None, wanted: CustodyItem | None = None
) -> Found | ScanStop:
    """What a person scanned, on the page of `journey` or anywhere, with `wanted` the item asked for.

    A wrong item is kept as a stop of the page's child, or of its own one. Raises `Invalid` (field `read`)
    where nothing is read and no child's page is open.
    """
    centers = user.centers_for(Permission.RECORD_CUSTODY)
    try:
        read = read_code(typed)
    except Invalid as refusal:
        if journey is None:
            raise
        return _kept(_misread(refusal), typed, journey, user=user, at=at)
    if read.form == "wristband":
        return _wristband(read, centers, user=user, at=at, journey=journey)
    return _item(read, centers, user=user, at=at, journey=journey, wanted=wanted)


def _misread(refusal: Invalid) -> Stopped:
    (sentence,) = refusal.fields.values()
    return Stopped("wrong_check" if refusal.code == "wrong_check" else "unreadable", sentence)


def _wristband(
    read: Read, centers: Collection[int], *, user: User, at: datetime, journey: Journey | None
) -> Found | ScanStop:
    band = wristband_read(centers, read.text)
    if band is None:
        return _kept(UNKNOWN, read.text, journey, user=user, at=at) if journey is not None else Found()
    if journey is not None and band.journey_id != journey.pk:
        return _kept(OTHER_CHILD, read.text, journey, user=user, at=at)
    if band.replaced_at is not None:
        return _kept(REPLACED, read.text, band.journey, user=user, at=at)
    return Found(journey=band.journey)


def _item(
    read: Read,
    centers: Collection[int],
    *,
    user: User,
    at: datetime,
    journey: Journey | None,
    wanted: CustodyItem | None,
) -> Found | ScanStop:
    found = items_read(centers, read)
    near = items_near(centers, read) if not found else []
    if not found and not near and (read.coi or read.form == "text"):
        return _identity(read, centers, user=user, at=at, journey=journey)
    stopped = stop_for(
        read,
        [seen(item) for item in found],
        near=[seen(item) for item in near],
        journey=str(journey.pk) if journey is not None else "",
        wanted=seen(wanted) if wanted is not None else None,
        at=at,
    )
    own = [item for item in found if journey is None or item.journey_id == journey.pk]
    if stopped is not None:
        about = wanted or next(iter([*own, *near]), None)
        place = journey or (about.journey if about is not None else None)
        return _kept(stopped, read.text, place, user=user, at=at, item=about)
    if not own:
        return Found()
    if len(own) > 1 and wanted is None:
        return Found(choice=tuple(own))
    item = wanted or own[0]
    return Found(journey=item.journey, item=item, following=following(item, user))


def _identity(
    read: Read, centers: Collection[int], *, user: User, at: datetime, journey: Journey | None
) -> Found | ScanStop:
    """A chain-of-identity identifier, in the form of ISBT 128 or as the manufacturer wrote it."""
    known = journey_of_identity(centers, read.coi or read.text)
    if journey is None or (known is not None and known.pk == journey.pk):
        return Found(journey=known)
    return _kept(OTHER_CHILD if known else UNKNOWN, read.text, journey, user=user, at=at)


def following(item: CustodyItem, user: User) -> Next:
    """What is to be done next with an item, by a person with these rights in its center."""
    rights = {str(right) for right in Permission if user.may(right, item.center_id)}
    return next_for(kind=item.kind, state=item.state, last_step=item.last_step, rights=rights)


def _kept(
    stopped: Stopped,
    read: str,
    journey: Journey | None,
    *,
    user: User,
    at: datetime,
    item: CustodyItem | None = None,
) -> ScanStop:
    if journey is None:
        raise ValueError("a stop is about a child")
    return scan_stop(
        journey_id=journey.pk,
        reason=stopped.reason,
        read=read,
        item_id=item.pk if item is not None else None,
        # In the language of who scanned: they read it at once.
        explanation=said_text(stopped.sentence),
        by=user.actor,
        at=at,
    )
