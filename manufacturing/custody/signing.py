"""Signatures of a step: different people of the center, each by their own password, as many as it asks for.

The page or the program makes sure that each of them gave their password; see `patients.signature`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cartpath.accounts.models import User
from cartpath.accounts.permissions import Permission
from cartpath.core.choices import unknown_choice
from cartpath.core.errors import Invalid
from manufacturing.custody.words import Meaning

MOST_SIGNERS: Final = 5
FIELD: Final = "signatures"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, what for, and when."""

    user: User
    meaning: str
    at: datetime


def signed(signatures: Sequence[Signature]) -> list[dict[str, Any]]:
    """Signatures as the ledger keeps them: the name survives the account."""
    return [{"name": each.user.name, "meaning": each.meaning, "at": each.at} for each in signatures]


def refuse_wrong_signers(
    signatures: Sequence[Signature],
    *,
    center_id: int,
    wanted: int,
    permissions: Sequence[Permission] = (Permission.RECORD_CUSTODY,),
) -> None:
    """Refuse too few or too many signatures, one person twice, and people who may not sign in this center.

    Raises `Invalid` with the code `same_person`, `not_entitled`, or `signatures_missing`.
    """
    people = [each.user.pk for each in signatures]
    if len(set(people)) < len(people):
        raise _refused("same_person", _("Each signature is that of a different person."))
    for each in signatures:
        if each.meaning not in Meaning.values:
            raise unknown_choice(FIELD, Meaning)
        if not each.user.is_active or not any(each.user.may(right, center_id) for right in permissions):
            raise _refused(
                "not_entitled", _("%(name)s may not sign this step here.") % {"name": each.user.name}
            )
    if len(people) > MOST_SIGNERS:
        raise _refused("signatures_missing", _("At most five people sign a step."))
    if len(people) < wanted:
        sentence = ngettext(
            "This step needs %(wanted)d signature.", "This step needs %(wanted)d signatures.", wanted
        )
        raise _refused("signatures_missing", sentence % {"wanted": wanted})


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={FIELD: sentence})
