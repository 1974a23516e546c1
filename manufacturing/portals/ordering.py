"""What holds for an order before it is placed or changed: its identity, and the manufacturer's quota."""

from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from manufacturing.enums import OrderState
from manufacturing.models import ChainOfIdentity, Order, ProductQuota
from patients.models import Journey

FIRST_DAY: Final = 1


def failed_before(journey: Journey) -> Order | None:
    """The latest failed order of a journey: a new one makes the product again."""
    return Order.objects.filter(journey=journey, state=OrderState.FAILED).order_by("-ordered_at").first()


def identity_kept(journey: Journey, wanted: str) -> str:
    """The chain-of-identity identifier of the next order: a child's cells keep the one they have.

    Raises `Invalid` for another identifier than that of an earlier order of the journey, or for one that
    belongs to another journey of the center.
    """
    earlier = _identity_of(journey)
    if earlier and wanted and wanted != earlier:
        raise _refused_identity(
            _("These cells already have the identifier %(known)s, and keep it.") % {"known": earlier}
        )
    kept = wanted or earlier or ""
    if kept and _belongs_elsewhere(journey, kept):
        raise _refused_identity(_("This identifier belongs to another order of this center."))
    return kept


def _identity_of(journey: Journey) -> str:
    """The identifier that a journey's cells have by now; empty for none."""
    chain = ChainOfIdentity.objects.filter(journey=journey).values_list("identifier", flat=True).first()
    orders = Order.objects.filter(journey=journey).exclude(chain_of_identity="").order_by("-ordered_at")
    return chain or orders.values_list("chain_of_identity", flat=True).first() or ""


def _belongs_elsewhere(journey: Journey, identity: str) -> bool:
    orders = Order.objects.filter(center_id=journey.center_id, chain_of_identity=identity)
    chains = ChainOfIdentity.objects.filter(center_id=journey.center_id, identifier=identity)
    return orders.exclude(journey=journey).exists() or chains.exclude(journey=journey).exists()


def _refused_identity(sentence: str) -> Invalid:
    return Invalid(
        "invalid_input",
        _("Chain-of-identity identifier not possible."),
        fields={"chain_of_identity": sentence},
    )


def refuse_beyond_quota(
    journey: Journey, *, product: str, slot_on: date | None, reason: str, but: Order | None = None
) -> None:
    """Refuse a slot in a month whose slots are all given away, unless somebody says why it is possible.

    A month without a quota isn't limited: nobody told how many there are. A failed order has used its slot.
    """
    if slot_on is None or reason.strip():
        return
    month = slot_on.replace(day=FIRST_DAY)
    # The row is locked, so that two orders can't take the last slot together.
    quota = (
        ProductQuota.objects.select_for_update()
        .filter(center_id=journey.center_id, product=product, month=month)
        .first()
    )
    if quota is None:
        return
    used = slots_used(center_id=journey.center_id, product=product, month=month, but=but)
    if used >= quota.most:
        raise Invalid(
            "quota_full",
            _("The manufacturer's quota for this month is used up."),
            fields={
                "slot_on": _("%(used)d of %(most)d slots of this month are taken.")
                % {"used": used, "most": quota.most},
                "quota_reason": _("Say why there is a slot all the same, or choose another month."),
            },
        )


def slots_used(*, center_id: int, product: str, month: date, but: Order | None = None) -> int:
    """How many orders of a center have a slot of a product in a month."""
    orders = Order.objects.filter(
        center_id=center_id, product=product, slot_on__year=month.year, slot_on__month=month.month
    )
    return (orders.exclude(pk=but.pk) if but else orders).count()
