"""Reads of the accounts room."""

from django.utils.translation import gettext as _

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Forbidden


def require(user: User, permission: Permission, center_id: int) -> None:
    """Raise `Forbidden` unless the person may do `permission` in the center."""
    if not user.may(permission, center_id):
        raise Forbidden("forbidden", _("Your role does not allow this: %(act)s.") % {"act": permission.label})
