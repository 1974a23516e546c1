"""Machines, as an administrator keeps them. Slots and everything about a child live on the pages."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from leukapheresis.models import Resource


def _administers(request: HttpRequest) -> bool:
    user = request.user
    return user.is_superuser or (isinstance(user, User) and bool(user.centers_for(Permission.ADMINISTER)))


@admin.register(Resource)
class MachineAdmin(admin.ModelAdmin[Resource]):
    """Machines of the centers a person administers, switched off, never deleted: bookings name them."""

    list_display = ("name", "center", "extracorporeal_volume_ml", "is_active")
    list_filter = ("center", "is_active")
    search_fields = ("name",)
    ordering = ("center__name", "name")
    fields = ("center", "kind", "name", "extracorporeal_volume_ml", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Resource]:
        """Machines of the person's own centers; all of them for a superuser."""
        machines = super().get_queryset(request)
        return machines.filter(center__in=_centers(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Resource | None = None) -> tuple[str, ...]:
        """A machine stays in its center: its slots and bookings are there."""
        return ("center", "kind") if obj else ()

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        """A machine is put only into a center the person administers."""
        if db_field.name == "center":
            kwargs["queryset"] = _centers(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Resource | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Resource | None = None) -> bool:
        """Administrators of a center."""
        return _administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Resource | None = None) -> bool:
        """Nothing is deleted."""
        return False


def _centers(request: HttpRequest) -> QuerySet[Center]:
    centers = Center.objects.order_by("name")
    if request.user.is_superuser or not isinstance(request.user, User):
        return centers
    return centers.filter(pk__in=request.user.centers_for(Permission.ADMINISTER))
