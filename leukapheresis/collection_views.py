"""Pages of a day of collection: planning sheet, identity, record, correction, completion, another round."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from leukapheresis import services
from leukapheresis.collection_forms import (
    LOOK,
    AgainForm,
    CollectionDayForm,
    CollectionIdentityForm,
    CorrectedDayForm,
    PlanForm,
    recorded,
)
from leukapheresis.collection_identity import check_for, next_number
from leukapheresis.collection_records import day_records
from leukapheresis.collection_sheet import sheet_for
from leukapheresis.enums import WHOLE_BLOOD, CollectionSource
from leukapheresis.forms import CompleteForm
from leukapheresis.models import CollectionDay
from leukapheresis.panels import ANCHOR
from leukapheresis.person import person_collected
from leukapheresis.progress import Progress, computed_by_day, progress
from leukapheresis.selectors import source_expected, whole_blood_row
from patients.eligibility import protocol_for
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, answer, form_page, journey_context, panel_url
from patients.provenance import Record, sentences_of
from patients.striking import strike_page

_DAY: Final = FormPage(
    title=gettext_lazy("Record a collection day"),
    intro=gettext_lazy("Leave empty what was not measured: it stays unknown."),
    submit=gettext_lazy("Record day"),
    anchor=ANCHOR,
    done=gettext_lazy("Collection day recorded."),
    template="leukapheresis/collection.html",
)
_WHOLE_BLOOD: Final = replace(
    _DAY,
    title=gettext_lazy("Record whole blood as starting material"),
    intro=gettext_lazy("Blood drawn without a machine. Leave empty what was not measured: it stays unknown."),
    done=gettext_lazy("Whole blood recorded."),
)
_HISTORICAL: Final = replace(
    _DAY,
    title=gettext_lazy("Take over cells collected earlier"),
    intro=gettext_lazy(
        "Cells collected before this treatment was planned, here or elsewhere. Their expiry counts from then."
    ),
    done=gettext_lazy("Earlier collection recorded."),
)
_CORRECTION: Final = replace(
    _DAY,
    title=gettext_lazy("Correct a collection day"),
    intro="",
    submit=gettext_lazy("Correct day"),
    done=gettext_lazy("Collection day corrected."),
    consequence=gettext_lazy("The ledger keeps what was recorded before. Totals follow the new numbers."),
)
_STRIKE: Final = FormPage(
    title=gettext_lazy("Strike a collection day"),
    submit=gettext_lazy("Strike day"),
    anchor=ANCHOR,
    done=gettext_lazy("Collection day struck."),
    consequence=gettext_lazy("The day stays in the ledger as entered in error and counts for nothing."),
    danger=True,
    leave=gettext_lazy("Keep the day"),
    template="leukapheresis/collection_strike.html",
)
_IDENTITY: Final = FormPage(
    title=gettext_lazy("Identity check before the collection"),
    submit=gettext_lazy("Both confirm"),
    anchor=ANCHOR,
    done=gettext_lazy("Identity confirmed by two people."),
    template="leukapheresis/collection_identity.html",
)
_AGAIN: Final = FormPage(
    title=gettext_lazy("Collect again"),
    submit=gettext_lazy("Begin another round"),
    anchor=ANCHOR,
    done=gettext_lazy("Another round of collection begins."),
    consequence=gettext_lazy(
        "The child waits for a collection again. What was collected so far, and its bags, stay on record."
    ),
    danger=True,
    leave=gettext_lazy("Keep the collection as it is"),
)
_COMPLETION: Final = FormPage(
    title=gettext_lazy("Complete the collection"),
    submit=gettext_lazy("Complete collection"),
    anchor=ANCHOR,
    done=gettext_lazy("Collection completed."),
    consequence=gettext_lazy("The collection is closed and its cells can go to manufacturing."),
    template="leukapheresis/complete.html",
)


@journey_page(Permission.VIEW_PATIENTS)
def sheet(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The planning sheet of a day, for the screen and for paper; counts typed here are not kept."""
    now = timezone.now()
    form = PlanForm(posted(request))
    asked = request.GET.get("day", "")
    picture = sheet_for(
        journey,
        at=now,
        number=int(asked) if asked.isdecimal() else None,
        typed=form.given(),
    )
    context = journey_context(journey, now) | {
        "form": form,
        "picture": picture,
        "sheet": picture.sheet,
        "printed_at": now,
        "back_url": panel_url(journey, ANCHOR),
        "may_record": request.user.may(Permission.RECORD_COLLECTION, journey.center_id),
    }
    is_wrong = form.is_bound and not form.is_valid()
    status = form_status(form) if is_wrong else 200
    return render(request, "leukapheresis/collection_sheet.html", context, status=status)


@journey_page(Permission.RECORD_COLLECTION)
def identity(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Two people compare who is about to be collected; the second signs with their own password."""
    now = timezone.now()
    form = CollectionIdentityForm(posted(request), request=request)
    reached = progress(journey, at=now)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_identity_verify(
            journey_id=journey.pk, first=request.user, second=form.person, check=form.details(), at=now
        ),
        page=_IDENTITY,
        at=now,
        person=person_collected(journey, at=now),
        number=next_number(journey.pk, reached.round, at=now),
    )


@journey_page(Permission.RECORD_COLLECTION)
def day(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record one day on the machine, with the days before in sight."""
    return _record(request, journey, page=_DAY)


@journey_page(Permission.RECORD_COLLECTION)
def whole_blood(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Record whole blood, drawn without a machine, as starting material."""
    return _record(request, journey, page=_WHOLE_BLOOD, whole_blood=True)


@journey_page(Permission.RECORD_COLLECTION)
def historical(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Take over cells that were collected before this treatment was planned."""
    whole = source_expected(journey, on=journey.center.local_day(timezone.now())) in WHOLE_BLOOD
    return _record(request, journey, page=_HISTORICAL, whole_blood=whole, historical=True)


def _record(
    request: PersonRequest,
    journey: Journey,
    *,
    page: FormPage,
    whole_blood: bool = False,
    historical: bool = False,
) -> HttpResponse:
    now = timezone.now()
    reached = progress(journey, at=now)
    person = person_collected(journey, at=now)
    number = next_number(journey.pk, reached.round, at=now)
    check = None if historical else check_for(journey, reached.round, number, at=now)
    form = CollectionDayForm(
        posted(request),
        now=now,
        of_donor=person.is_donor,
        whole_blood=whole_blood,
        historical=historical,
        is_checked=check is not None,
    )
    context: dict[str, Any] = {
        "progress": reached,
        "computed": computed_by_day(reached.days),
        "person": person,
        "volume": person.blood_volume(journey),
        "check": check,
        "whole_blood": whole_blood,
        "historical": historical,
        "material": whole_blood_row(protocol_for(journey), on=journey.center.local_day(now)),
    }
    if LOOK in request.POST:
        return _looked(request, journey, form, reached, page=page, at=now, context=context)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_day_record(
            journey_id=journey.pk,
            day=form.details(),
            by=request.user.actor,
            at=form.cleaned_data["started_at"],
        ),
        page=page,
        at=now,
        **context,
    )


def _looked(
    request: PersonRequest,
    journey: Journey,
    form: CollectionDayForm,
    reached: Progress,
    *,
    page: FormPage,
    at: datetime,
    context: dict[str, Any],
) -> HttpResponse:
    """The form with what the rules say of the numbers typed so far; nothing is kept."""
    records: list[Record] = []
    if form.is_valid():
        source = (
            CollectionSource.AUTOLOGOUS_WHOLE_BLOOD
            if form.whole_blood
            else CollectionSource.AUTOLOGOUS_APHERESIS
        )
        found = attempt(
            form,
            lambda: day_records(
                journey,
                protocol_for(journey),
                form.details(),
                source=source,
                others=reached.days,
                at=form.cleaned_data["started_at"],
            ),
        )
        records = found or []
    said = [(record, sentences_of(record["explanation"])) for record in records]
    looked = context | {"looked": said, "has_looked": True}
    answered = form_page(request, journey, form, page=page, at=at, **looked)
    if form.is_valid():
        answered.status_code = 200
    return answered


def _day_of(journey: Journey, day_id: int) -> CollectionDay:
    found = CollectionDay.objects.filter(journey=journey, pk=day_id, struck_at=None).first()
    if found is None:
        raise NotFound
    return found


@journey_page(Permission.RECORD_COLLECTION)
def correct(request: PersonRequest, journey: Journey, day_id: int) -> HttpResponse:
    """Put right what was recorded of a day, or add what came later."""
    now = timezone.now()
    row = _day_of(journey, day_id)
    person = person_collected(journey, at=now)
    form = CorrectedDayForm(
        posted(request),
        now=now,
        of_donor=person.is_donor,
        whole_blood=row.is_whole_blood,
        historical=bool(row.history_reason),
        is_checked=row.identity_id is not None,
        initial=recorded(row),
    )
    reached = progress(journey, at=now, round_number=row.round)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_day_correct(
            day_id=row.pk,
            day=form.details(),
            started_at=form.cleaned_data["started_at"],
            reason=form.cleaned_data["reason"],
            by=request.user.actor,
            at=now,
        ),
        page=_CORRECTION,
        at=now,
        progress=reached,
        computed=computed_by_day(reached.days),
        person=person,
        volume=person.blood_volume(journey),
        check=row.identity,
        whole_blood=row.is_whole_blood,
        historical=bool(row.history_reason),
        corrected=row,
    )


@journey_page(Permission.RECORD_COLLECTION)
def strike(request: PersonRequest, journey: Journey, day_id: int) -> HttpResponse:
    """Take out a day that was entered in error."""
    now = timezone.now()
    row = _day_of(journey, day_id)
    return strike_page(
        request,
        journey,
        partial(services.collection_day_strike, day_id=row.pk),
        page=_STRIKE,
        struck=row,
        progress=progress(journey, at=now, round_number=row.round),
    )


@journey_page(Permission.RECORD_COLLECTION)
def again(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Begin another round: the cells collected were not enough, or are not usable."""
    now = timezone.now()
    form = AgainForm(posted(request))
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_again(
            journey_id=journey.pk, reason=form.cleaned_data["reason"], by=request.user.actor, at=now
        ),
        page=_AGAIN,
        at=now,
    )


@journey_page(Permission.RECORD_COLLECTION)
def complete(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Close the collection and judge it by the protocol's targets."""
    now = timezone.now()
    reached = progress(journey, at=now)
    # Cells that have expired need a reason too, so the field stays until the target is met by fresh ones.
    met = reached.acceptance.accepted is True and not reached.expired
    form = CompleteForm(posted(request), now=now, target_met=met)
    return answer(
        request,
        journey,
        form,
        lambda: services.collection_complete(
            journey_id=journey.pk,
            reason=form.cleaned_data.get("reason", ""),
            by=request.user.actor,
            at=form.moment("completed_at"),
        ),
        page=_COMPLETION,
        at=now,
        progress=reached,
        computed=computed_by_day(reached.days),
    )
