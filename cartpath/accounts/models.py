"""People, centers, and the programs that speak to us."""

import hashlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.enums import Role, Scope
from cartpath.accounts.permissions import ROLES_FOR, Permission
from cartpath.core.actor import Actor
from cartpath.core.models import UuidModel, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class Center(models.Model):
    """A hospital's CAR T program: the tenant. Every patient row carries one."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    timezone = models.CharField(_("time zone"), max_length=60, default="Europe/Rome")
    region = models.CharField(_("region"), max_length=10, default="EU", help_text=_("Chooses product rules."))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("In which messages to its staff are written."),
    )

    class Meta:
        verbose_name = _("center")
        verbose_name_plural = _("centers")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a zone that does not exist: every date of the center depends on it."""
        if self.timezone not in available_timezones():
            raise ValidationError({"timezone": _("Not a time zone. Write it like Europe/Rome.")})

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone in which this center's days begin and end."""
        return ZoneInfo(self.timezone)

    def local_day(self, at: datetime) -> date:
        """The calendar day of a moment in this center: the day on which a rule must be in force."""
        return at.astimezone(self.zone).date()


class UserManager(BaseUserManager["User"]):
    """Makes people who sign in with their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """A person without rights; memberships give them."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """A person who may use the admin; still sees no patient without a membership."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def with_permission(self, permission: Permission, *, center_id: int) -> models.QuerySet["User"]:
        """Active people who may do `permission` in the center."""
        return self.with_role(ROLES_FOR[permission], center_id=center_id)

    def with_role(self, roles: "Iterable[str]", *, center_id: int) -> models.QuerySet["User"]:
        """Active people who hold one of `roles` in the center."""
        return self.filter(
            is_active=True, memberships__center_id=center_id, memberships__role__in=list(roles)
        ).distinct()


class User(AbstractUser):
    """A person. Signs in by e-mail; has no rights but those of the memberships."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        """The name, as signed."""
        return self.name

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.name.split(" ", 1)[0]

    @property
    def actor(self) -> Actor:
        """This person as the doer of an act."""
        return Actor(kind="user", id=str(self.pk), name=self.name, user_id=self.pk)

    @cached_property
    def _belongs(self) -> "list[Membership]":
        """The memberships with their centers: rights and places of a request in one query."""
        return list(self.memberships.select_related("center").order_by("center__name", "center_id"))

    @cached_property
    def roles_by_center(self) -> dict[int, frozenset[str]]:
        """Center id to the roles held there, read once per request."""
        roles: dict[int, set[str]] = {}
        for membership in self._belongs:
            roles.setdefault(membership.center_id, set()).add(membership.role)
        return {center_id: frozenset(held) for center_id, held in roles.items()}

    @property
    def centers(self) -> "list[Center]":
        """The centers this person belongs to, by name."""
        return list({each.center_id: each.center for each in self._belongs}.values())

    @property
    def center_ids(self) -> list[int]:
        """The centers this person belongs to."""
        return list(self.roles_by_center)

    def may(self, permission: Permission, center_id: int) -> bool:
        """Whether this person may do `permission` in the center."""
        return not ROLES_FOR[permission].isdisjoint(self.roles_by_center.get(center_id, frozenset()))

    def centers_for(self, permission: Permission) -> list[int]:
        """The centers in which this person may do `permission`."""
        return [center_id for center_id in self.roles_by_center if self.may(permission, center_id)]


class Membership(models.Model):
    """One role of one person in one center."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    center = models.ForeignKey(Center, models.PROTECT, related_name="memberships", verbose_name=_("center"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "center", "role"],
                name="membership_once",
                violation_error_message=_("This person already has this role in this center."),
            ),
            one_of("role", Role, name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.center}"


def token_digest(token: str) -> str:
    """What is stored of a bearer token: its SHA-256. Tokens are random, so no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiClient(UuidModel):
    """A program that reads or writes over REST: hashed token, fixed centers and scopes, revocable."""

    name = models.CharField(_("name"), max_length=80)
    centers = models.ManyToManyField(Center, related_name="api_clients", verbose_name=_("centers"))
    scopes = ArrayField(models.CharField(max_length=40, choices=Scope.choices), verbose_name=_("scopes"))
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=list(Scope.values)) & models.Q(scopes__len__gte=1),
                name="api_client_scopes_known",
                violation_error_message=_("A client needs at least one known scope."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """This program as the doer of an act."""
        return Actor(kind="client", id=str(self.pk), name=self.name)
