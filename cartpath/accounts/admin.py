"""People, centers and programs, as an administrator keeps them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import ApiClient, Center, Membership, User

admin.site.site_header = "CARTPath"
admin.site.site_title = "CARTPath"
admin.site.index_title = _("Administration")
# Rights come from memberships alone; Django's groups would be a second truth.
admin.site.unregister(Group)


class MembershipInline(admin.TabularInline[Membership, User]):
    """Roles of one person."""

    model = Membership
    extra = 1


class PersonCreationForm(AdminUserCreationForm[User]):
    """A new person: name, address, and a first password or none."""

    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """People and their roles. Accounts are switched off, never deleted: the ledger names them."""

    list_display = ("name", "email", "is_active", "last_login")
    list_filter = ("is_active", "memberships__center", "memberships__role")
    search_fields = ("name", "email")
    ordering = ("name",)
    fields = ("name", "email", "is_active", "is_staff", "last_login")
    readonly_fields = ("last_login",)
    inlines: ClassVar = [MembershipInline]

    add_fields = ("email", "name", "usable_password", "password1", "password2")

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[ModelForm[User]]:
        """Ask for a password only when a person is made."""
        if obj is None:
            kwargs |= {"form": PersonCreationForm, "fields": self.add_fields}
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """The fields of the form that is shown."""
        return self.add_fields if obj is None else self.fields

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody is deleted."""
        return False


@admin.register(Center)
class CenterAdmin(admin.ModelAdmin[Center]):
    """Hospitals."""

    list_display = ("name", "code", "timezone", "region")
    search_fields = ("name", "code")
    ordering = ("name",)


@admin.register(ApiClient)
class ApiClientAdmin(admin.ModelAdmin[ApiClient]):
    """Programs: seen and revoked here, made by `create_api_client`, because the token is shown once."""

    list_display = ("name", "created_at", "revoked_at")
    ordering = ("name",)
    readonly_fields = ("name", "scopes", "centers", "created_at")
    fields = ("name", "scopes", "centers", "created_at", "revoked_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by the command only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        """Revoked, never deleted: the ledger names it."""
        return False
