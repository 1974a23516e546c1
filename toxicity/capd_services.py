"""A center's licensed wording of CAPD: entered as a whole, replaced as a whole, taken back as a whole.

It belongs to a center and to no child, so it stands in no ledger; its rows keep who and when for good.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.actor import Actor
from cartpath.core.errors import Conflict, Invalid
from toxicity.grading.capd import CAPD_TOPICS
from toxicity.models import CapdWording


def capd_wording_keep(
    *,
    center: Center,
    language: str,
    texts: Sequence[str],
    license_statement: str,
    holds_license: bool,
    by: Actor,
    at: datetime,
) -> list[CapdWording]:
    """Keep the eight questions in one language; what was kept before ends at `at`.

    Raises `Invalid` (fields `topic_1` to `topic_8`, `license_statement`, `holds_license`) when a question is
    empty, the license isn't named, or nobody states that the center holds it.
    """
    wording = [text.strip() for text in texts]
    refused = {f"topic_{place}": _("Write all eight.") for place, text in enumerate(wording, 1) if not text}
    if not license_statement.strip():
        refused["license_statement"] = _("Name the license: from whom, and when.")
    if not holds_license:
        refused["holds_license"] = _("Without a license the wording can't be used.")
    if refused or len(wording) != len(CAPD_TOPICS):
        raise Invalid("invalid_input", _("The wording is not complete."), fields=refused)
    with transaction.atomic():
        _end(center, language, by=by, at=at)
        return CapdWording.objects.bulk_create(
            CapdWording(
                center=center,
                language=language,
                topic=topic,
                text=text,
                license_statement=license_statement.strip(),
                entered_by=by.name,
                entered_at=at,
            )
            for topic, text in enumerate(wording, start=1)
        )


def capd_wording_end(*, center: Center, language: str, by: Actor, at: datetime) -> int:
    """Go back to the neutral topics. Raises `Conflict` when there is no wording in this language."""
    with transaction.atomic():
        ended = _end(center, language, by=by, at=at)
    if not ended:
        raise Conflict("no_wording", _("There is no wording of this center in this language."))
    return ended


def _end(center: Center, language: str, *, by: Actor, at: datetime) -> int:
    # The center's row is the lock: two people who save at once come one after the other.
    Center.objects.select_for_update(no_key=True).get(pk=center.pk)
    current = CapdWording.objects.filter(center=center, language=language, ended_at=None)
    return current.update(ended_by=by.name, ended_at=at)
