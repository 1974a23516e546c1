"""Resources, their hours, closures and quotas, as an administrator keeps them.

Slots, bookings and everything about a child live on the pages.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from leukapheresis.models import Allocation, Closure, OpenDay, Quota, Resource, ResourceHours


def _administers(request: HttpRequest) -> bool:
    user = request.user
    return user.is_superuser or (isinstance(user, User) and bool(user.centers_for(Permission.ADMINISTER)))


class _ForAdministrators:
    """Administrators of a center see, add and change; nobody deletes unless a class says so."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nothing is deleted."""
        return False


class _OfCenters:
    """Rows and choices of the centers a person administers."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows of the person's own centers; all of them for a superuser."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(center__in=_centers(request))

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """Only centers the person administers, and their resources, can be chosen."""
        if db_field.name == "center":
            kwargs["queryset"] = _centers(request)
        if db_field.name == "resource":
            kwargs["queryset"] = Resource.objects.filter(center__in=_centers(request)).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc,no-any-return]


class _Rows(_ForAdministrators):
    """Rows of a resource that may be taken away again: they are plans, no records."""

    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)


class HoursInline(_Rows, admin.TabularInline[ResourceHours, Resource]):
    """The weekly hours of a resource."""

    model = ResourceHours
    ordering = ("weekday", "opens")


class OpenDayInline(_Rows, admin.TabularInline[OpenDay, Resource]):
    """Exceptional openings of a resource."""

    model = OpenDay
    ordering = ("-on", "opens")


class ResourceForm(forms.ModelForm[Resource]):
    """A resource; its capacity can't fall below what is booked."""

    def clean_capacity(self) -> int:
        """Refuse a capacity that a booking to come exceeds."""
        capacity: int = self.cleaned_data["capacity"]
        beyond = Allocation.objects.filter(
            resource=self.instance, is_live=True, unit__gt=capacity, period__endswith__gt=timezone.now()
        )
        if beyond.exists():
            raise forms.ValidationError(_("More than that are booked already."))
        return capacity


@admin.register(Resource)
class ResourceAdmin(_OfCenters, _ForAdministrators, admin.ModelAdmin[Resource]):
    """Resources of the centers a person administers, switched off, never deleted: bookings name them."""

    form = ResourceForm
    inlines = (HoursInline, OpenDayInline)
    list_display = ("name", "center", "kind", "capacity", "is_active")
    list_filter = ("center", "kind", "is_active")
    search_fields = ("name",)
    ordering = ("center__name", "kind", "name")
    fields = (
        "center",
        "kind",
        "name",
        "extracorporeal_volume_ml",
        "capacity",
        "lead_time_hours",
        ("buffer_before_minutes", "buffer_after_minutes"),
        "is_active",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Resource | None = None) -> tuple[str, ...]:
        """A resource stays in its center and of its kind: its slots and bookings are there."""
        return ("center", "kind") if obj else ()


class ClosureForm(forms.ModelForm[Closure]):
    """A closure; a resource must be one of the center."""

    def clean(self) -> dict[str, Any]:
        """Refuse a resource of another center."""
        super().clean()
        resource, center = self.cleaned_data.get("resource"), self.cleaned_data.get("center")
        if resource is not None and center is not None and resource.center_id != center.pk:
            self.add_error("resource", _("This resource belongs to another center."))
        return self.cleaned_data


@admin.register(Closure)
class ClosureAdmin(_OfCenters, _Rows, admin.ModelAdmin[Closure]):
    """Holidays and closures."""

    form = ClosureForm
    list_display = ("first_on", "last_on", "center", "resource", "kind", "note")
    list_filter = ("center", "kind")
    ordering = ("-first_on",)


@admin.register(Quota)
class QuotaAdmin(_OfCenters, _Rows, admin.ModelAdmin[Quota]):
    """Quotas by product and referring center."""

    list_display = ("center", "product", "referring_center", "per_week", "valid_from", "valid_to")
    list_filter = ("center",)
    ordering = ("center__name", "product", "referring_center")


def _centers(request: HttpRequest) -> QuerySet[Center]:
    centers = Center.objects.order_by("name")
    if request.user.is_superuser or not isinstance(request.user, User):
        return centers
    return centers.filter(pk__in=request.user.centers_for(Permission.ADMINISTER))
