"""The signature of a second person on a page that somebody else has open."""

from typing import cast

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cartpath.accounts.models import User


def second_signature(request: HttpRequest, *, email: str, password: str) -> User:
    """The person whose address and password these are. Nobody is signed in by it.

    Wrong guesses count against the same limits as at sign-in. Raises ValidationError with a sentence when
    they do not fit, when the account is switched off, or after too many guesses.
    """
    person = get_adapter(request).authenticate(request, email=email, password=password)
    if person is None or not person.is_active:
        raise ValidationError(_("The address and the password don't fit together."))
    return cast("User", person)
