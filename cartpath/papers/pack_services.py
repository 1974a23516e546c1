"""Writes of packs for downtime: the passphrase, the nightly pack, its end, and who took it."""

from datetime import datetime, time
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from cartpath.papers.models import DowntimePack, PackPassphrase, PackTaking
from cartpath.papers.pack import COVERS, pack_pdf
from cartpath.papers.sealing import SealBroken, encrypted, open_passphrase, seal_passphrase

# Whoever has the file may try passphrases for as long as they like.
SHORTEST: Final = 16
LONGEST: Final = 120
# Packs are made after this hour of the center's night; a worker that was down makes them when it is back.
NIGHT: Final = time(2, 0)


def passphrase_set(*, center_id: int, passphrase: str, by: Actor, at: datetime) -> PackPassphrase:
    """Set what opens the packs from now on; earlier ones keep theirs.

    Raises `Invalid` for one that is too short or too long, or of one character again and again.
    """
    if not SHORTEST <= len(passphrase) <= LONGEST or len(set(passphrase)) < SHORTEST // 2:
        sentence = _("Use %(least)d to %(most)d characters, several words for instance.") % {
            "least": SHORTEST,
            "most": LONGEST,
        }
        raise Invalid("invalid_input", _("The passphrase is weak."), fields={"passphrase": sentence})
    kept, _made = PackPassphrase.objects.update_or_create(
        center_id=center_id,
        defaults={
            "sealed": seal_passphrase(passphrase, center_id=center_id),
            "set_at": at,
            "set_by": by.name,
        },
    )
    return kept


def pack_make(*, center_id: int, by: Actor, at: datetime) -> DowntimePack:
    """Make the pack of a center for the next 72 hours.

    Raises `Conflict` `no_passphrase` before one was set, `passphrase_lost` when the house's secret key
    changed since: then it must be set again.
    """
    center = Center.objects.get(pk=center_id)
    passphrase = _passphrase(center)
    with transaction.atomic():
        pack = pack_pdf(center, at=at)
        content = encrypted(pack.rendered.content, passphrase)
        return DowntimePack.objects.create(
            center=center,
            covers_from=at,
            covers_until=at + COVERS,
            children=pack.children,
            pages=pack.rendered.pages,
            digest=sha256(content).hexdigest(),
            content=content,
            made_by=by.name,
        )


@transaction.atomic
def pack_make_at_night(*, center_id: int, by: Actor, at: datetime) -> DowntimePack | None:
    """Make the pack of this night unless it is made; two workers that ask at once make one."""
    kept = PackPassphrase.objects.select_for_update(of=("self",)).select_related("center").get(pk=center_id)
    return pack_make(center_id=center_id, by=by, at=at) if _waits(kept.center, at) else None


@transaction.atomic
def pack_take(*, pack: DowntimePack, user: User, at: datetime) -> bytes:
    """Hand a pack to a person, and keep who it was. Raises `Conflict` `pack_removed` when it is over."""
    standing = DowntimePack.objects.select_for_update().get(pk=pack.pk)
    if standing.content is None:
        raise Conflict("pack_removed", _("This pack is over and was removed. Take a newer one."))
    PackTaking.objects.create(pack=standing, user=user, name=user.name, taken_at=at)
    return bytes(standing.content)


def packs_remove(*, at: datetime) -> int:
    """Take away the contents of packs whose hours are over; returns how many."""
    return DowntimePack.objects.filter(covers_until__lte=at, removed_at=None).update(
        content=None, removed_at=at
    )


def centers_without_pack(*, at: datetime) -> list[Center]:
    """Centers that set a passphrase and whose pack of this night isn't made yet."""
    locked = Center.objects.filter(pack_passphrase__isnull=False).order_by("pk")
    return [center for center in locked if _waits(center, at)]


def _waits(center: Center, at: datetime) -> bool:
    local = at.astimezone(center.zone)
    night = local.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    return local >= night and not center.downtime_packs.filter(covers_from__gte=night).exists()


def _passphrase(center: Center) -> str:
    kept = PackPassphrase.objects.filter(pk=center.pk).first()
    if kept is None:
        raise Conflict("no_passphrase", _("An administrator of the center must set a passphrase first."))
    try:
        return open_passphrase(bytes(kept.sealed), center_id=center.pk)
    except SealBroken as error:
        raise Conflict(
            "passphrase_lost",
            _("The passphrase can't be read any more. An administrator of the center must set it again."),
        ) from error
