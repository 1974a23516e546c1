"""Pages of a dose given in parts: the next part, the end of the series, and the findings that decide."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict
from cartpath.core.forms import posted
from infusion import part_services, services
from infusion.forms import FindingForm, PartForm, StopForm, StoppedPartForm
from infusion.fractions import Series, series
from infusion.panels import ANCHOR
from infusion.readiness import pages_open_to, thaw_timer, thawed_at
from infusion.selectors import identity_check
from manufacturing.selectors import usable_batch
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer

PART = FormPage(
    title=gettext_lazy("Record the next part of the dose"),
    submit=gettext_lazy("Record this part"),
    anchor=ANCHOR,
    done=gettext_lazy("Part of the dose recorded. Day 0 stays that of the first part."),
    consequence=gettext_lazy("Day 0 and every date counted from it stay as they are."),
    template="infusion/part.html",
)
PARTS_STOP = FormPage(
    title=gettext_lazy("Give no further part"),
    submit=gettext_lazy("Stop the series"),
    anchor=ANCHOR,
    done=gettext_lazy("Recorded: no further part of the dose is given."),
    consequence=gettext_lazy("No further part can be recorded afterwards, and none is asked for any more."),
    danger=True,
    template="infusion/parts_stop.html",
)
FINDING = FormPage(
    title=gettext_lazy("White cells or marrow"),
    submit=gettext_lazy("Record finding"),
    anchor=ANCHOR,
    done=gettext_lazy("Finding recorded."),
    intro=gettext_lazy(
        "White cells decide what is asked about lymphodepletion, marrow blasts how a dose is split."
    ),
)


@journey_page(Permission.CONFIRM_INFUSION)
def part(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the next part of a dose, with its gate in sight."""
    now = timezone.now()
    parts = _open_parts(journey, now)
    fraction, gate = parts.next or 0, parts.gate
    is_stop = gate is not None and gate.verdict == "stop"
    given: dict[str, Any] = {"now": now, "gate_allows": gate is not None and gate.verdict == "allowed"}
    form = (
        StoppedPartForm(posted(request), request=request, **given)
        if is_stop
        else PartForm(posted(request), **given)
    )
    batch = usable_batch(journey.pk)
    thawed = thawed_at(journey, at=now)
    return answer(
        request,
        journey,
        form,
        lambda: part_services.part_record(
            journey_id=journey.pk,
            part=form.details(fraction),
            by=request.user.actor,
            at=form.cleaned_data["started_at"],
            second=form.second_person,
        ),
        page=PART,
        at=now,
        parts=parts,
        timer=thaw_timer(journey, thawed, at=now) if thawed else None,
        identity=identity_check(journey.pk, batch.pk, fraction=fraction) if batch else None,
        open_pages=pages_open_to(request.user, journey),
    )


def _open_parts(journey: Journey, now: datetime) -> Series:
    parts = series(journey, at=now)
    if parts is None or not parts.is_open:
        raise Conflict("no_part_open", _("No further part of the dose is open."))
    return parts


@journey_page(Permission.DECIDE_FRACTION)
def parts_stop(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Decide that no further part of the dose is given."""
    now = timezone.now()
    form = StopForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: part_services.parts_stop(
            journey_id=journey.pk, reason=form.cleaned_data["reason"], by=request.user.actor, at=now
        ),
        page=PARTS_STOP,
        at=now,
        parts=_open_parts(journey, now),
    )


@journey_page(Permission.RECORD_LYMPHODEPLETION)
def finding(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record white cells or marrow blasts of a day."""
    now = timezone.now()
    form = FindingForm(posted(request), now=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.finding_record(
            journey_id=journey.pk, finding=form.details(), by=request.user.actor, at=now
        ),
        page=FINDING,
        at=now,
    )
