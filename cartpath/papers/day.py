"""The day sheet: who of a center's children comes, is given something, or waits for something on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from cartpath.accounts.enums import Role
from cartpath.accounts.models import Center
from cartpath.core.dates import local_midnight
from cartpath.core.paper.sheets import Rendered, Sheet
from cartpath.core.said import said_text
from cartpath.papers.texts import day, moment
from cartpath.reminders.models import Reminder
from followup.models import ArrangedVisit
from leukapheresis.enums import BookingDayState, BookingState
from leukapheresis.models import BookingDay
from patients.banner import day_of, product_label
from patients.enums import Stage
from patients.models import Journey
from toxicity.checks.selectors import plans
from toxicity.sheets import phrases

_PRIORITY_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Day:
    """What stands on one local day of a center."""

    on: date
    collections: Sequence[BookingDay]
    visits: Sequence[ArrangedVisit]
    due: Sequence[Reminder]
    ward: Sequence[Journey]


def read_day(center: Center, on: date) -> Day:
    """Five queries, however many children."""
    start = local_midnight(on, center.zone)
    end = local_midnight(on + timedelta(days=1), center.zone)
    collections = BookingDay.objects.filter(
        booking__center=center, booking__state=BookingState.BOOKED, slot__starts_at__gte=start
    ).filter(slot__starts_at__lt=end)
    visits = ArrangedVisit.objects.standing().filter(center=center, planned_on=on)
    due = Reminder.objects.open().filter(center=center, opens_at__lt=end, closes_at__gt=start)
    ward = Journey.objects.filter(center=center, stage__in=(Stage.LYMPHODEPLETION, Stage.INFUSED))
    return Day(
        on=on,
        collections=list(
            collections.exclude(state=BookingDayState.RELEASED)
            .select_related("slot__resource", "booking__journey__patient")
            .order_by("slot__starts_at")
        ),
        visits=list(visits.select_related("journey__patient").order_by("starts_at", "pk")),
        due=list(
            due.filter(priority__lte=_PRIORITY_SHOWN)
            .select_related("patient")
            .order_by("priority", "due_at", "patient__family_name")
        ),
        ward=list(ward.select_related("patient", "status", "center").order_by("patient__family_name", "pk")),
    )


def day_sheet(center: Center, on: date, *, at: datetime) -> Rendered:
    """The sheet of one day in the active language."""
    title = _("Day sheet")
    sheet = Sheet(title=f"{title} · {day(on)}", foot=f"{title} · {center.name} · {day(on)} · {moment(at)}")
    sheet.head(f"{center.name} · {_('as recorded at %(at)s') % {'at': moment(at)}}")
    add_day(sheet, read_day(center, on), at=at)
    return sheet.render()


def add_day(sheet: Sheet, read: Day, *, at: datetime) -> None:
    """The parts of a day, each of which says when there is nothing."""
    _ward(sheet, read, at=at)
    _collections(sheet, read)
    _visits(sheet, read)
    _due(sheet, read)


def _ward(sheet: Sheet, read: Day, *, at: datetime) -> None:
    sheet.heading(_("On the ward"))
    if not read.ward:
        sheet.text(_("Nobody."))
        return
    sheet.table(
        [_("Child"), _("Product, day"), "CRS", "ICANS", _("Next check"), _("Written by hand")],
        [
            (
                f"{journey.patient}\nMRN {journey.patient.mrn}",
                _product_day(journey, read.on),
                phrases.grade(journey.status.crs_current),
                phrases.grade(journey.status.icans_current),
                _next_check(journey),
                " ",
            )
            for journey in read.ward
        ],
        parts=[3, 2.2, 1.2, 1.2, 1.6, 3],
    )


def _product_day(journey: Journey, on: date) -> str:
    number = day_of(journey, on)
    named = product_label(journey.product)
    return f"{named}\n{_('day %(day)d') % {'day': number}}" if number is not None else named


def _next_check(journey: Journey) -> str:
    if journey.stage != Stage.INFUSED:
        return "–"
    waiting = sorted(plan.due_at for plan in plans(journey.pk).values())
    return phrases.moment(waiting[0]) if waiting else phrases.unknown()


def _collections(sheet: Sheet, read: Day) -> None:
    sheet.heading(_("Apheresis"))
    if not read.collections:
        sheet.text(_("Nobody."))
        return
    sheet.table(
        [_("Time"), _("Machine"), _("Child"), _("Day")],
        [
            (
                f"{phrases.clock(each.slot.starts_at)}–{phrases.clock(each.slot.ends_at)}",
                each.slot.resource.name,
                f"{each.booking.journey.patient} · MRN {each.booking.journey.patient.mrn}",
                str(each.number),
            )
            for each in read.collections
        ],
        parts=[1.5, 2, 5, 1],
    )


def _visits(sheet: Sheet, read: Day) -> None:
    sheet.heading(_("Visits"))
    if not read.visits:
        sheet.text(_("Nobody."))
        return
    sheet.table(
        [_("Time"), _("Child"), _("Product")],
        [
            (
                f"{each.starts_at:%H:%M}" if each.starts_at else _("time not said"),
                f"{each.journey.patient} · MRN {each.journey.patient.mrn}",
                product_label(each.journey.product),
            )
            for each in read.visits
        ],
        parts=[1.5, 5, 3],
    )


def _due(sheet: Sheet, read: Day) -> None:
    sheet.heading(_("Due on this day"))
    if not read.due:
        sheet.text(_("Nothing."))
        return
    sheet.table(
        [_("Priority"), _("Child"), _("What"), _("Role"), _("Until")],
        [
            (
                str(each.priority),
                f"{each.patient} · MRN {each.patient.mrn}",
                said_text(each.label),
                Role(each.role).label,
                _until(each),
            )
            for each in read.due
        ],
        parts=[1.1, 4, 4, 1.8, 1.8],
    )


def _until(reminder: Reminder) -> str:
    if reminder.last_on is not None:
        return day(reminder.last_on)
    return moment(timezone.localtime(reminder.closes_at))
