"""Codes that nobody knows, offered for a meaning beside the preview of an import."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib import messages
from django.utils.translation import gettext as _

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.accounts.selectors import require
from cartpath.core.forms import attempt
from patients.models import Journey
from toxicity.laboratory.code_forms import LabCodeForm
from toxicity.laboratory.importing import Preview

# More at once are better entered as the center's list.
MOST_OFFERED: Final = 12
KEEP: Final = "keep_code"


@dataclass(frozen=True, slots=True)
class Offer:
    """A name and its unit as reported, and the form that says what they mean."""

    name: str
    unit: str
    form: LabCodeForm


def kept_of(request: PersonRequest, journey: Journey, *, at: datetime) -> LabCodeForm | None:
    """Keep the meaning that was sent with a preview; the form when it was refused, else None."""
    if KEEP not in request.POST:
        return None
    require(request.user, Permission.KEEP_LABORATORY_CODES, journey.center_id)
    form = LabCodeForm(request.POST, prefix=request.POST[KEEP])
    if not form.is_valid():
        return form
    if attempt(form, lambda: form.keep(journey.center, by=request.user.actor, at=at)) is None:
        return form
    messages.success(request, _("The laboratory's code is kept."))
    return None


def offers(read: Preview, refused: LabCodeForm | None) -> Sequence[Offer]:
    """The first codes that nobody knows, each with its form; the one that was refused says why."""
    found = []
    for place, reported in enumerate(read.unknown[:MOST_OFFERED]):
        form = LabCodeForm(prefix=f"code-{place}")
        # By its name too: somebody else may have kept a code meanwhile, so that the places have moved.
        if refused is not None and refused.prefix == form.prefix and refused["name"].value() == reported.said:
            form = refused
        found.append(Offer(reported.said, reported.unit, form.offered_for(reported.said, reported.unit)))
    return found
