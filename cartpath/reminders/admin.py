"""The engine's tables in the admin: what was sent, what failed, and a new start. No patient data here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cartpath.reminders.models import CalendarLetter, Delivery, Heartbeat
from cartpath.reminders.services import deliveries_retry, letters_retry


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that only the engine writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes: the rows prove who was told of what."""
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Who was told, how, and what failed."""

    list_display = (
        "planned_at",
        "center",
        "role",
        "recipient",
        "channel",
        "state",
        "attempts",
        "why",
        "sent_at",
    )
    list_filter = ("state", "channel", "role", "reminder__center")
    list_select_related = ("recipient", "reminder__center")
    date_hierarchy = "planned_at"
    ordering = ("-planned_at",)
    exclude = ("reminder",)
    actions = ("try_again",)

    @admin.display(description=_("center"), ordering="reminder__center")
    def center(self, delivery: Delivery) -> str:
        """Where the reminder belongs."""
        return delivery.reminder.center.name

    @admin.display(description=_("problem"), ordering="problem")
    def why(self, delivery: Delivery) -> str:
        """What stood in the way."""
        return delivery.problem_text

    @admin.action(description=_("Try the failed ones again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Give deliveries that were set aside a new start."""
        count = deliveries_retry(delivery_ids=queryset.values_list("pk", flat=True), at=timezone.now())
        text = ngettext("%(count)d delivery starts anew.", "%(count)d deliveries start anew.", count)
        self.message_user(request, text % {"count": count})


@admin.register(CalendarLetter)
class CalendarLetterAdmin(ReadOnlyAdmin):
    """Who was told of changes of the calendar, and what failed."""

    list_display = ("planned_at", "center", "recipient", "state", "attempts", "why", "sent_at")
    list_filter = ("state", "notice__center")
    list_select_related = ("recipient", "notice__center")
    date_hierarchy = "planned_at"
    ordering = ("-planned_at",)
    actions = ("try_again",)

    @admin.display(description=_("center"), ordering="notice__center")
    def center(self, letter: CalendarLetter) -> str:
        """Whose calendar changed."""
        return letter.notice.center.name

    @admin.display(description=_("problem"), ordering="problem")
    def why(self, letter: CalendarLetter) -> str:
        """What stood in the way."""
        return letter.problem_text

    @admin.action(description=_("Try the failed ones again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[CalendarLetter]) -> None:
        """Give letters that were set aside a new start."""
        count = letters_retry(letter_ids=queryset.values_list("pk", flat=True), at=timezone.now())
        text = ngettext("%(count)d letter starts anew.", "%(count)d letters start anew.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When the machinery last showed that it is alive."""

    list_display = ("name", "beat_at")
