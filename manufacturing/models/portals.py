"""What is typed into manufacturers' portals, what is expected of them, and how many slots they give."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.core.models import UuidModel, one_of
from manufacturing.models.orders import Order
from manufacturing.portals.words import DelayCode, PortalPage
from patients.models import Journey


class PortalEntry(UuidModel):
    """One page of a portal, typed by somebody: how many fields it asked for, how many of them CARTPath knew.

    `asked` holds the ids of the protocol's rows that were on the page, `known` how many of these were typed
    although they stand here: work done twice. `minutes` is NULL when nobody looked at the clock.
    """

    journey = models.ForeignKey(Journey, models.PROTECT, related_name="portal_entries")
    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    order = models.ForeignKey(Order, models.PROTECT, related_name="portal_entries", null=True)
    product = models.CharField(_("product"), max_length=40)
    page = models.CharField(_("page of the portal"), max_length=20, choices=PortalPage.choices)
    asked = models.JSONField(_("fields"), default=list)
    known = models.PositiveSmallIntegerField(_("fields known here"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), null=True)
    note = models.CharField(_("note"), max_length=400, blank=True)
    typed_by = models.CharField(_("typed by"), max_length=120)
    typed_at = models.DateTimeField(_("typed"))
    event_id = models.BigIntegerField(unique=True)
    struck_at = models.DateTimeField(null=True)
    struck_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("portal entry")
        verbose_name_plural = _("portal entries")
        constraints: ClassVar = [one_of("page", PortalPage, name="portal_page_known")]
        indexes: ClassVar = [models.Index(fields=["center", "typed_at"], name="portal_entry_month")]

    def __str__(self) -> str:
        return self.page


class MilestoneExpectation(models.Model):
    """A milestone is expected on another day than before. The latest one counts."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="expectations")
    milestone = models.CharField(_("milestone"), max_length=30)
    expected_on = models.DateField(_("expected"))
    before_on = models.DateField(_("expected before"), null=True)
    reason_code = models.CharField(_("reason"), max_length=20, choices=DelayCode.choices)
    note = models.CharField(_("note"), max_length=400, blank=True)
    told_by = models.CharField(_("recorded by"), max_length=120)
    told_at = models.DateTimeField(_("told"))
    event_id = models.BigIntegerField(unique=True)

    class Meta:
        verbose_name = _("expected date")
        verbose_name_plural = _("expected dates")
        constraints: ClassVar = [one_of("reason_code", DelayCode, name="expectation_reason_known")]

    def __str__(self) -> str:
        return f"{self.milestone} {self.expected_on}"


class ProductQuota(models.Model):
    """How many manufacturing slots of a product a manufacturer gives a center in a month."""

    center = models.ForeignKey(Center, models.CASCADE, related_name="product_quotas")
    product = models.CharField(_("product"), max_length=40)
    month = models.DateField(_("month"), help_text=_("Its first day."))
    most = models.PositiveSmallIntegerField(_("slots"))
    source = models.CharField(_("who said so"), max_length=200)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(_("set"))

    class Meta:
        verbose_name = _("manufacturing quota")
        verbose_name_plural = _("manufacturing quotas")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["center", "product", "month"],
                name="product_quota_once",
                violation_error_message=_("This product already has a quota for the month."),
            ),
            models.CheckConstraint(
                condition=models.Q(month__day=1),
                name="product_quota_first_of_month",
                violation_error_message=_("A month is named by its first day."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.month:%Y-%m}: {self.most}"
