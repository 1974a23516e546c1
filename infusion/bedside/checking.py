"""Two people, or as many as the center asks for, sign that wristband and bag belong together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict, Invalid
from infusion.bedside.bags import bag_of, fraction_now
from infusion.bedside.comparing import refuse_mismatch
from infusion.bedside.inputs import Scan
from infusion.models import BedsideSignature, IdentityCheck
from infusion.thawing import identity_verify, require_turn
from manufacturing.custody.settings import BEDSIDE_LEAST, signers_wanted
from manufacturing.custody.usable import require_usable
from manufacturing.custody.words import Step
from manufacturing.models import CustodyItem
from patients.models import Journey
from patients.services import journey_locked

# A first signature is given with the bag in hand; later it no longer says anything about the bag.
SIGNATURE_HOLDS: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed for a bag, how many are wanted, and the check once it is complete."""

    names: tuple[str, ...]
    wanted: int
    check: IdentityCheck | None


def people_wanted(journey: Journey) -> int:
    """How many different people check a bag at the bedside in this center: two, or more, never fewer.

    Source: FACT-JACIE standards, administration of cellular therapy products.
    """
    asked = signers_wanted(journey.center_id, journey.product, Step.BEDSIDE_CHECK)
    return max(BEDSIDE_LEAST, asked)


def bag_sign(*, journey_id: UUID, item_id: UUID, scan: Scan, people: Sequence[User], at: datetime) -> Signed:
    """Sign with what was scanned; the last signature that is wanted makes the check.

    `people` are those who sign now: one in a session of their own, or two at the same tablet, each by their
    own password. Raises `Conflict` with the reason of a mismatch as its code, `already_checked`,
    `wrong_part`; `Invalid` `same_person`, and `not_entitled` for somebody who may not confirm an infusion.
    """
    with journey_locked(journey_id) as journey:
        item = bag_of(journey, item_id)
        fraction = fraction_now(journey, at=at)
        require_turn(journey, fraction, at=at, item=item)
        refuse_mismatch(journey, scan, item, at=at)
        require_usable(item, at, Step.BEDSIDE_CHECK)
        if IdentityCheck.objects.filter(item=item, fraction=fraction).exists():
            raise Conflict("already_checked", _("This bag was already checked by two people."))
        waiting = waiting_signatures(item, fraction, at=at)
        _refuse_people(journey, [row.person for row in waiting], people)
        rows = [*waiting, *(_signature(journey, item, fraction, person, at) for person in people)]
        wanted = people_wanted(journey)
        names = tuple(row.person.name for row in rows)
        if len(rows) < wanted:
            return Signed(names, wanted, None)
        first, second, *others = (row.person for row in rows)
        check = identity_verify(
            journey_id=journey_id,
            first=first,
            second=second,
            others=others,
            at=at,
            fraction=fraction,
            item=item,
        )
        BedsideSignature.objects.filter(pk__in=[row.pk for row in rows]).update(check_made=check)
        return Signed(names, wanted, check)


def waiting_signatures(item: CustodyItem, fraction: int, *, at: datetime) -> list[BedsideSignature]:
    """Signatures that still hold and wait for another one, the first first."""
    rows = BedsideSignature.objects.filter(
        item=item, fraction=fraction, check_made__isnull=True, signed_at__gt=at - SIGNATURE_HOLDS
    )
    return list(rows.select_related("person").order_by("signed_at", "pk"))


def _refuse_people(journey: Journey, before: Sequence[User], now: Sequence[User]) -> None:
    everybody = [person.pk for person in (*before, *now)]
    if len(set(everybody)) < len(everybody):
        raise Invalid(
            "same_person",
            _("Identity is confirmed by two different people."),
            fields={"second": _("A second, different person signs.")},
        )
    for person in now:
        if not person.may(Permission.CONFIRM_INFUSION, journey.center_id):
            raise Invalid(
                "not_entitled",
                _("%(name)s may not confirm an infusion in this center.") % {"name": person.name},
                fields={"second": _("A clinician or apheresis nurse of this center signs.")},
            )


def _signature(
    journey: Journey, item: CustodyItem, fraction: int, person: User, at: datetime
) -> BedsideSignature:
    """Keep a signature; one of the same person that no longer holds gives way to it."""
    row, _is_new = BedsideSignature.objects.update_or_create(
        item=item,
        fraction=fraction,
        person=person,
        check_made=None,
        defaults={"journey": journey, "signed_at": at},
    )
    return row
