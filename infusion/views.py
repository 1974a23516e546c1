"""Pages of the infusion room: lymphodepletion, checklist, identity check, thaw and infusion."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Conflict
from cartpath.core.forms import attempt, posted
from infusion import services
from infusion.day import THAW_LIMIT, infusion_limit, infusion_window, repeat_asked, waiver_asked
from infusion.depletion.pictures import plan_picture
from infusion.forms import (
    ChecklistForm,
    DoseForm,
    IdentityForm,
    InfusionForm,
    ThawForm,
    WaiverForm,
)
from infusion.fractions import Series, next_fraction, series
from infusion.models import ChecklistItem
from infusion.panels import ANCHOR
from infusion.readiness import (
    ThawTimer,
    dose_picture,
    pages_open_to,
    readiness,
    thaw_timer,
    thawed_at,
)
from infusion.regimen import drug_names, regimen_picture
from infusion.selectors import ChecklistLine, checklist
from manufacturing.models import Batch
from manufacturing.selectors import usable_batch
from patients.eligibility import protocol_for
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, journey_context

LYMPHODEPLETION = FormPage(
    title=gettext_lazy("Lymphodepletion"),
    submit=gettext_lazy("Record dose"),
    anchor=ANCHOR,
    done=gettext_lazy("Dose recorded."),
    template="infusion/lymphodepletion.html",
)
WAIVER = FormPage(
    title=gettext_lazy("Go without lymphodepletion"),
    submit=gettext_lazy("Record waiver"),
    anchor=ANCHOR,
    done=gettext_lazy("Waiver recorded."),
    consequence=gettext_lazy(
        "The infusion no longer waits for lymphodepletion. The decision is yours alone."
    ),
    danger=True,
    template="infusion/waiver.html",
)
IDENTITY = FormPage(
    title=gettext_lazy("Identity check by two people"),
    submit=gettext_lazy("Both confirm"),
    anchor=ANCHOR,
    done=gettext_lazy("Identity confirmed by two people."),
    template="infusion/identity.html",
)
THAW = FormPage(
    title=gettext_lazy("Start the thaw"),
    submit=gettext_lazy("Thaw started"),
    anchor=ANCHOR,
    done=gettext_lazy("Thaw recorded."),
    template="infusion/thaw.html",
)
INFUSION = FormPage(
    title=gettext_lazy("Record the infusion"),
    submit=gettext_lazy("Record infusion"),
    anchor=ANCHOR,
    done=gettext_lazy("Infusion recorded: this is day 0."),
    consequence=gettext_lazy(
        "The start becomes day 0: acute monitoring begins and every visit is counted from it."
    ),
    template="infusion/infusion.html",
)
PHASES = (
    ("before_lymphodepletion", gettext_lazy("Before lymphodepletion")),
    ("before_infusion", gettext_lazy("Before the infusion")),
)


@journey_page(Permission.RECORD_LYMPHODEPLETION)
def lymphodepletion(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Doses by the rule, doses given, and the next one to record."""
    now = timezone.now()
    drugs = [(name, _(name).capitalize()) for name in drug_names(protocol_for(journey))]
    form = DoseForm(posted(request), now=now, drugs=drugs)
    return answer(
        request,
        journey,
        form,
        lambda: services.lymphodepletion_record(
            journey_id=journey.pk, dose=form.details(), by=request.user.actor, at=form.moment()
        ),
        page=LYMPHODEPLETION,
        at=now,
        picture=regimen_picture(journey, at=now),
        planned=plan_picture(journey, at=now),
        may_waive=request.user.may(Permission.WAIVE_LYMPHODEPLETION, journey.center_id),
    )


@journey_page(Permission.WAIVE_LYMPHODEPLETION)
def waiver(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the decision to go without lymphodepletion."""
    now = timezone.now()
    form = WaiverForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.lymphodepletion_waive(
            journey_id=journey.pk, reason=form.cleaned_data["reason"], by=request.user.actor, at=now
        ),
        page=WAIVER,
        at=now,
        picture=regimen_picture(journey, at=now),
    )


@journey_page(Permission.VIEW_PATIENTS)
def checklist_page(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The protocol's checklist, hard stops first."""
    context = journey_context(journey, timezone.now()) | _checklist_context(request, journey)
    return render(request, "infusion/checklist.html", context)


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def checklist_item(request: PersonRequest, journey: Journey, item: str) -> HttpResponse:
    """Record a verdict on one item: with htmx the list comes back, without it the page."""
    form = ChecklistForm(request.POST)
    recorded = _record_verdict(request, journey, item, form) is not None
    is_part = request.headers.get("HX-Request") == "true"
    if recorded and not is_part:
        return redirect("infusion:checklist", journey_id=journey.pk)
    context = _checklist_context(request, journey)
    if not recorded:
        context |= {"refused": item, "form": form}
    status = HTTPStatus.OK if recorded else HTTPStatus.UNPROCESSABLE_ENTITY
    if is_part:
        return render(request, "infusion/checklist_list.html", context, status=status)
    context |= journey_context(journey, timezone.now())
    return render(request, "infusion/checklist.html", context, status=status)


def _record_verdict(
    request: PersonRequest, journey: Journey, item: str, form: ChecklistForm
) -> ChecklistItem | None:
    if not form.is_valid():
        return None
    return attempt(
        form,
        lambda: services.checklist_item_record(
            journey_id=journey.pk, answer=form.details(item), by=request.user.actor, at=timezone.now()
        ),
    )


def _checklist_context(request: PersonRequest, journey: Journey) -> dict[str, Any]:
    at = journey.infused_at or timezone.now()
    lines = checklist(journey, on=journey.center.local_day(at))
    return {
        "journey": journey,
        "groups": [(title, _hard_stops_first(lines, phase)) for phase, title in PHASES],
        "settled": sum(line.is_settled for line in lines),
        "total": len(lines),
        "open_stops": sum(line.hard_stop and not line.is_settled for line in lines),
        "may_check": request.user.may(Permission.CONFIRM_INFUSION, journey.center_id),
        "may_override": request.user.may(Permission.OVERRIDE_STOP, journey.center_id),
    }


def _hard_stops_first(lines: list[ChecklistLine], phase: str) -> list[ChecklistLine]:
    return sorted((line for line in lines if line.phase == phase), key=lambda line: not line.hard_stop)


@journey_page(Permission.CONFIRM_INFUSION)
def identity(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Two people compare child and product; the second signs with their own password."""
    now = timezone.now()
    batch = _batch_on_site(journey)
    fraction = next_fraction(journey, at=now)
    form = IdentityForm(posted(request), request=request)
    return answer(
        request,
        journey,
        form,
        lambda: services.identity_verify(
            journey_id=journey.pk, first=request.user, second=form.person, at=now, fraction=fraction
        ),
        page=IDENTITY,
        at=now,
        batch=batch,
        fraction=fraction,
    )


def _batch_on_site(journey: Journey) -> Batch:
    batch = usable_batch(journey.pk)
    if batch is None or batch.received_at is None:
        raise Conflict("product_not_received", _("The product is not recorded as received."))
    return batch


@journey_page(Permission.RECEIVE_PRODUCT)
def thaw(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the start of the thaw."""
    now = timezone.now()
    form = ThawForm(posted(request), now=now)
    fraction = next_fraction(journey, at=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.thaw_start(
            journey_id=journey.pk, by=request.user.actor, at=form.moment(), fraction=fraction
        ),
        page=THAW,
        at=now,
        fraction=fraction,
        ready=readiness(journey, at=now),
        open_pages=pages_open_to(request.user, journey),
        limit=infusion_limit(journey, THAW_LIMIT, on=journey.center.local_day(now)),
    )


@journey_page(Permission.VIEW_PATIENTS)
def timer(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The time left since the thaw, as a part that renews itself."""
    started_at = thawed_at(journey, at=timezone.now())
    if started_at is None:
        raise Conflict("not_thawed", _("The thaw is not recorded."))
    return render(request, "infusion/timer.html", {"journey": journey, "timer": _timer(journey, started_at)})


def _timer(journey: Journey, started_at: datetime | None) -> ThawTimer | None:
    return thaw_timer(journey, started_at, at=timezone.now()) if started_at else None


@journey_page(Permission.CONFIRM_INFUSION)
def infusion(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record the infusion, with everything that stands in its way in sight."""
    now = timezone.now()
    ready = readiness(journey, at=now)
    parts = series(journey, at=now)
    form = InfusionForm(posted(request), now=now, asks_total=_asks_total(parts))
    return answer(
        request,
        journey,
        form,
        lambda: services.infusion_record(
            journey_id=journey.pk,
            infusion=form.details(),
            by=request.user.actor,
            at=form.cleaned_data["started_at"],
        ),
        page=INFUSION,
        at=now,
        ready=ready,
        open_pages=pages_open_to(request.user, journey),
        timer=_timer(journey, ready.thaw_started_at),
        dose=dose_picture(journey, ready.batch, at=now),
        parts=parts,
        window=infusion_window(journey, at=now),
        asked=[each for each in (repeat_asked(journey, at=now), waiver_asked(journey, at=now)) if each],
    )


def _asks_total(parts: Series | None) -> bool:
    """Whether the whole dose is chosen within a range, so that its parts follow from it."""
    return parts is not None and any(
        row.percent is not None for part in parts.split.parts for row in part.rows
    )
