"""The chain of identity and the chain of custody: folded from the ledger, and the settings of a center.

Items, entries, breaks and identities are kept by `CustodyReader` alone; nothing else writes them.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel, json_kind, one_of
from manufacturing.custody.words import (
    BreakOutcome,
    BreakReason,
    Condition,
    Document,
    ItemKind,
    ItemState,
    QuarantineReason,
    Scheme,
    Step,
)
from manufacturing.models.orders import Batch, Order
from patients.models import Journey

MOST_PEOPLE = 5


class ChainOfIdentity(models.Model):
    """The identifier that ties a child to its cells through a whole journey.

    It never changes once the patient was verified or anything later happened: a trigger refuses it.
    """

    journey = models.OneToOneField(
        Journey, models.PROTECT, primary_key=True, related_name="chain_of_identity"
    )
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    product = models.CharField(_("product"), max_length=40)
    scheme = models.CharField(_("form"), max_length=20, choices=Scheme.choices)
    identifier = models.CharField(_("chain-of-identity identifier"), max_length=60)
    set_at = models.DateTimeField(_("set"))
    set_by = models.CharField(_("set by"), max_length=120)
    # When it was first relied on; from then on it stays.
    used_at = models.DateTimeField(_("used since"), null=True)
    event_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("chain of identity")
        verbose_name_plural = _("chains of identity")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "scheme", "identifier"],
                name="chain_of_identity_once",
                violation_error_message=_("This identifier belongs to another journey of this center."),
            ),
            one_of("scheme", Scheme, name="chain_of_identity_scheme_known"),
            models.CheckConstraint(condition=~models.Q(identifier=""), name="chain_of_identity_not_empty"),
        ]

    def __str__(self) -> str:
        return self.identifier


class CustodyItem(UuidModel):
    """Collected cells, a bag of frozen cells, a bag of the product, or a sample.

    `number` counts the items of a journey in the order of their facts: ledger events name an item by it, so
    that they mean the same wherever they are read. `id` follows from journey and number.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="custody_items")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("item"))
    kind = models.CharField(_("kind"), max_length=20, choices=ItemKind.choices)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="custody_items")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="custody_items")
    din = models.CharField(_("donation number"), max_length=13, blank=True)
    product_code = models.CharField(_("product code"), max_length=5, blank=True)
    collection_type = models.CharField(_("type of collection"), max_length=1, blank=True)
    division = models.CharField(_("division"), max_length=6, blank=True)
    # What a scanner reads from a bag that carries the manufacturer's own code.
    text = models.CharField(_("manufacturer's text"), max_length=80, blank=True)
    coi = models.CharField(_("chain-of-identity identifier"), max_length=60, blank=True)
    lot = models.CharField(_("lot"), max_length=60, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    volume_ml = models.DecimalField(_("volume"), max_digits=7, decimal_places=1, null=True)
    car_positive_viable_cells = models.BigIntegerField(_("CAR-positive viable cells"), null=True)
    state = models.CharField(_("state"), max_length=20, choices=ItemState.choices)
    is_quarantined = models.BooleanField(_("in quarantine"), default=False)
    quarantine_reason = models.CharField(max_length=30, choices=QuarantineReason.choices, blank=True)
    quarantine_note = models.CharField(max_length=400, blank=True)
    holder = models.CharField(_("held by"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    position = models.CharField(_("storage position"), max_length=80, blank=True)
    last_step = models.CharField(_("last step"), max_length=30, choices=Step.choices, blank=True)
    last_at = models.DateTimeField(_("since"), null=True)
    added_at = models.DateTimeField(_("taken into custody"))
    event_id = models.BigIntegerField()
    struck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("item in custody")
        verbose_name_plural = _("items in custody")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="custody_item_number_once"),
            models.UniqueConstraint(
                fields=["center", "din", "product_code", "division"],
                condition=models.Q(struck_at__isnull=True, kind=ItemKind.PRODUCT_BAG) & ~models.Q(din=""),
                name="custody_bag_numbers_once",
                violation_error_message=_("A bag with these numbers is already on record."),
            ),
            models.UniqueConstraint(
                fields=["center", "text"],
                condition=models.Q(struck_at__isnull=True) & ~models.Q(text=""),
                name="custody_bag_text_once",
                violation_error_message=_("A bag with this text is already on record."),
            ),
            one_of("kind", ItemKind, name="custody_item_kind_known"),
            one_of("state", ItemState, name="custody_item_state_known"),
            models.CheckConstraint(
                condition=models.Q(is_quarantined=False, quarantine_reason="")
                | models.Q(is_quarantined=True, quarantine_reason__in=QuarantineReason.values),
                name="custody_quarantine_reasoned",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["center", "din"], name="custody_item_din_idx"),
            models.Index(fields=["center", "state", "expires_at"], name="custody_item_store_idx"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What people call it: its numbers as printed, else the manufacturer's text, else its lot."""
        numbers = " ".join(part for part in (self.din, self.division) if part)
        return numbers or self.text or self.lot or str(self.number)


class CustodyEntry(models.Model):
    """One step of one item; of the whole journey where no item was there yet."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="custody_entries")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    item = models.ForeignKey(CustodyItem, models.PROTECT, null=True, related_name="entries")
    event_id = models.BigIntegerField()
    step = models.CharField(_("step"), max_length=30, choices=Step.choices)
    at = models.DateTimeField(_("time"))
    from_holder = models.CharField(_("from"), max_length=120, blank=True)
    to_holder = models.CharField(_("to"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=120, blank=True)
    position = models.CharField(_("storage position"), max_length=80, blank=True)
    temp_min_c = models.DecimalField(_("lowest °C"), max_digits=5, decimal_places=1, null=True)
    temp_max_c = models.DecimalField(_("highest °C"), max_digits=5, decimal_places=1, null=True)
    # None where no limit holds or no temperature was read.
    is_temp_in_range = models.BooleanField(_("temperature in range"), null=True)
    logger = models.CharField(_("temperature logger"), max_length=60, blank=True)
    seal = models.CharField(_("seal"), max_length=60, blank=True)
    condition = models.CharField(_("condition"), max_length=20, choices=Condition.choices, blank=True)
    documents = models.JSONField[list[str]](_("documents"), default=list)
    note = models.CharField(_("note"), max_length=400, blank=True)
    # Each {name, user, meaning, at}.
    signatures = models.JSONField[list[dict[str, Any]]](_("signatures"), default=list)
    recorded_by = models.CharField(_("recorded by"), max_length=120)

    class Meta:
        verbose_name = _("step of custody")
        verbose_name_plural = _("steps of custody")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["event_id", "step", "item"], nulls_distinct=False, name="custody_entry_once"
            ),
            one_of("step", Step, name="custody_step_known"),
            models.CheckConstraint(
                condition=models.Q(temp_min_c__isnull=True)
                | models.Q(temp_max_c__isnull=True)
                | models.Q(temp_max_c__gte=models.F("temp_min_c")),
                name="custody_temperatures_ordered",
                violation_error_message=_("The highest temperature can't lie below the lowest."),
            ),
            models.CheckConstraint(
                condition=Exact(json_kind("signatures"), models.Value("array")),
                name="custody_signatures_a_list",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["journey", "at"], name="custody_entry_journey_idx")]

    def __str__(self) -> str:
        return f"{self.step} {self.at:%Y-%m-%d %H:%M}"

    @property
    def document_labels(self) -> str:
        """The papers that went with it, in words."""
        return ", ".join(str(Document(each).label) for each in self.documents if each in Document.values)


class CustodyBreak(UuidModel):
    """Something broke the chain: what, who looks after it until when, and how it ended."""

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="custody_breaks")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    item = models.ForeignKey(CustodyItem, models.PROTECT, null=True, related_name="breaks")
    reason = models.CharField(_("kind of break"), max_length=20, choices=BreakReason.choices)
    what = models.CharField(_("what was found"), max_length=400)
    found_at = models.DateTimeField(_("found"))
    found_by = models.CharField(_("found by"), max_length=120)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("looked after by")
    )
    owner_name = models.CharField(max_length=120)
    due_on = models.DateField(_("due"))
    event_id = models.BigIntegerField()
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=120, blank=True)
    outcome = models.CharField(_("outcome"), max_length=20, choices=BreakOutcome.choices, blank=True)
    closing_note = models.CharField(_("what was done"), max_length=400, blank=True)
    struck_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("break of custody")
        verbose_name_plural = _("breaks of custody")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["journey", "number"], name="custody_break_number_once"),
            one_of("reason", BreakReason, name="custody_break_reason_known"),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, outcome="")
                | models.Q(closed_at__isnull=False, outcome__in=BreakOutcome.values),
                name="custody_break_closed_with_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["center", "due_on"],
                condition=models.Q(closed_at__isnull=True, struck_at__isnull=True),
                name="custody_break_open_idx",
            )
        ]

    def __str__(self) -> str:
        return self.what


class SignatureRule(models.Model):
    """How many people sign a step; who records it may be one of them. Rows are only added; the latest holds.

    An empty product stands for every product of the center.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="signature_rules")
    product = models.CharField(_("product"), max_length=40, blank=True)
    step = models.CharField(_("step"), max_length=30, choices=Step.choices)
    people = models.PositiveSmallIntegerField(_("signatures"))
    reason = models.CharField(_("reason"), max_length=400)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("signatures of a step")
        verbose_name_plural = _("signatures of steps")
        constraints: ClassVar = [
            one_of("step", Step, name="signature_step_known"),
            models.CheckConstraint(
                condition=models.Q(people__lte=MOST_PEOPLE),
                name="signature_people_possible",
                violation_error_message=_("A step is signed by 0 to 5 people."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "step"], name="signature_rule_idx")]

    def __str__(self) -> str:
        return f"{self.product} {self.step} {self.people}"


class TemperatureLimit(models.Model):
    """How cold a kind of item is kept until it is thawed. Rows are only added; the latest holds.

    An empty product stands for every product; a bound that is NULL is no bound. A break that follows from a
    temperature is due `due_days` later.
    """

    center = models.ForeignKey(Center, models.CASCADE, related_name="temperature_limits")
    product = models.CharField(_("product"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=ItemKind.choices)
    lowest_c = models.DecimalField(_("lowest °C"), max_digits=5, decimal_places=1, null=True, blank=True)
    highest_c = models.DecimalField(_("highest °C"), max_digits=5, decimal_places=1, null=True, blank=True)
    due_days = models.PositiveSmallIntegerField(_("days until a break is due"), default=1)
    source = models.CharField(_("source"), max_length=400)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=120)

    class Meta:
        verbose_name = _("temperature limit")
        verbose_name_plural = _("temperature limits")
        constraints: ClassVar = [
            one_of("kind", ItemKind, name="temperature_limit_kind_known"),
            models.CheckConstraint(
                condition=models.Q(lowest_c__isnull=True)
                | models.Q(highest_c__isnull=True)
                | models.Q(highest_c__gte=models.F("lowest_c")),
                name="temperature_limit_ordered",
                violation_error_message=_("The highest temperature can't lie below the lowest."),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["center", "kind"], name="temperature_limit_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.lowest_c}–{self.highest_c} °C"
