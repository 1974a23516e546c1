"""What people want to be told by e-mail, and in which language."""

from collections.abc import Collection
from typing import Final

from django.conf import settings

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission, may
from cartpath.core.errors import Invalid
from cartpath.reminders.models import MailChoice

# Whose work the calendar is: they are told unless they say no.
TOLD_BY_ROLE: Final = frozenset({Role.COORDINATOR, Role.APHERESIS_NURSE})


def mail_choice(user: User) -> MailChoice:
    """What the person chose; a row of its own, not saved, for somebody who never did."""
    return MailChoice.objects.filter(user=user).first() or MailChoice(user=user)


def mail_choice_set(*, user: User, calendar_changes: bool | None, language: str) -> MailChoice:
    """Keep a person's choice. None leaves it to the roles, an empty language to the center.

    Raises `Invalid` for a language that nobody speaks here.
    """
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid("invalid_input", "Unknown language.", fields={"language": "Unknown language."})
    kept, _made = MailChoice.objects.update_or_create(
        user=user, defaults={"calendar_changes": calendar_changes, "language": language}
    )
    return kept


def wants_calendar_letters(roles: Collection[str], choice: bool | None) -> bool:
    """Whether somebody with these roles in a center is told of changes of its calendar.

    Nobody is who may not see the calendar, whatever they chose.
    """
    if not may(frozenset(roles), Permission.VIEW_PATIENTS):
        return False
    return choice if choice is not None else not TOLD_BY_ROLE.isdisjoint(roles)


def language_for(person: User | None, center: Center) -> str:
    """The language of a message: the person's own, or else the center's."""
    choice = getattr(person, "mail_choice", None)
    return (choice.language if choice else "") or center.language
