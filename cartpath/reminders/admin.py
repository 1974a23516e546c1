"""The engine's tables in the admin: what was sent, what failed, and a new start. No patient data here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from cartpath.reminders.models import CalendarLetter, Delivery, Digest, Heartbeat, Reminder, Silence
from cartpath.reminders.services import deliveries_retry, digests_retry, letters_retry, reminders_retry


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


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    """Who got which morning digest, and what failed."""

    list_display = ("on", "center", "recipient", "state", "attempts", "why", "sent_at")
    list_filter = ("state", "center")
    list_select_related = ("recipient", "center")
    date_hierarchy = "on"
    ordering = ("-on", "center", "recipient")
    actions = ("try_again",)

    @admin.display(description=_("problem"), ordering="problem")
    def why(self, digest: Digest) -> str:
        """What stood in the way."""
        return digest.problem_text

    @admin.action(description=_("Try the failed ones again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Digest]) -> None:
        """Give digests that were set aside a new start."""
        count = digests_retry(digest_ids=queryset.values_list("pk", flat=True), at=timezone.now())
        text = ngettext("%(count)d digest starts anew.", "%(count)d digests start anew.", count)
        self.message_user(request, text % {"count": count})


@admin.register(Reminder)
class SetAsideAdmin(ReadOnlyAdmin):
    """Reminders that could not be planned and that nobody is told of until somebody looks."""

    list_display = ("center", "item", "occurrence", "role", "priority", "notify_at", "problem")
    list_filter = ("center", "problem")
    list_select_related = ("center",)
    ordering = ("notify_at",)
    fields = ("center", "item", "occurrence", "role", "priority", "notify_at", "problem")
    actions = ("try_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        """Only those that were set aside."""
        return Reminder.objects.set_aside()

    @admin.action(description=_("Plan them again"), permissions=["view"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Reminder]) -> None:
        """Let the engine look at them again."""
        count = reminders_retry(reminder_ids=queryset.values_list("pk", flat=True))
        text = ngettext(
            "%(count)d reminder is planned again.", "%(count)d reminders are planned again.", count
        )
        self.message_user(request, text % {"count": count})


@admin.register(Silence)
class SilenceAdmin(ReadOnlyAdmin):
    """When the machinery was silent, and when people were told of it."""

    list_display = ("name", "last_beat_at", "noticed_at", "told_at", "ended_at", "end_told_at")
    ordering = ("-noticed_at",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    """When the machinery last showed that it is alive."""

    list_display = ("name", "beat_at")
