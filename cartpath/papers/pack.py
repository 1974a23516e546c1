"""What stands in a pack for downtime: the days it covers, and a page for each child."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, get_args

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cartpath.accounts.models import Center
from cartpath.core.paper.sheets import Code, Rendered, Sheet
from cartpath.core.said import said_text
from cartpath.papers.day import add_day, read_day
from cartpath.papers.inputs import OneLanguage
from cartpath.papers.selectors import latest_order
from cartpath.papers.texts import age, child_line, day, moment, weight
from cartpath.reminders.models import Reminder
from followup.models import ArrangedVisit
from manufacturing.custody.selectors import bags_of
from patients.banner import day_of, product_label
from patients.enums import ContactRelation, Language, Stage
from patients.models import Contact, Journey
from patients.selectors import latest_weight
from toxicity.sheets import phrases
from toxicity.sheets.facts import ward_facts
from toxicity.sheets.sbar import sheet_draft
from toxicity.sheets.selectors import latest_sheet

COVERS: Final = timedelta(hours=72)
# Children on their way to the infusion and just after it are in every pack.
ON_THE_WAY: Final = (
    *(Stage.APHERESIS_PLANNED, Stage.COLLECTED, Stage.MANUFACTURING),
    *(Stage.RELEASED, Stage.LYMPHODEPLETION, Stage.INFUSED),
)
_URGENT: Final = 2


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack before it is encrypted."""

    rendered: Rendered
    children: int


def children_of(center: Center, *, at: datetime) -> Sequence[Journey]:
    """Who is in a pack: everybody on the way, and of the others whom something waits for in its hours."""
    until = at + COVERS
    waits = Reminder.objects.open().filter(
        center=center, priority__lte=_URGENT, opens_at__lt=until, closes_at__gt=at
    )
    days = (center.local_day(at), center.local_day(until))
    comes = ArrangedVisit.objects.standing().filter(center=center, planned_on__range=days)
    found = Journey.objects.open().filter(
        Q(stage__in=ON_THE_WAY) | Q(pk__in=waits.values("journey_id")) | Q(pk__in=comes.values("journey_id"))
    )
    named = found.filter(center=center).select_related("patient", "center", "status", "referral")
    return list(named.order_by("patient__family_name", "patient__given_name", "pk"))


def pack_pdf(center: Center, *, at: datetime) -> Pack:
    """The pack in the language of the center, not encrypted yet."""
    language = center.language if center.language in get_args(OneLanguage) else "en"
    with translation.override(language), timezone.override(center.zone):
        children = children_of(center, at=at)
        title = _("Pack for downtime")
        sheet = Sheet(title=title, foot=f"{title} · {center.name} · {moment(at)}")
        _cover(sheet, center, children, at=at)
        for offset in range((center.local_day(at + COVERS) - center.local_day(at)).days + 1):
            on = center.local_day(at) + timedelta(days=offset)
            sheet.new_page()
            sheet.heading(day(on))
            add_day(sheet, read_day(center, on), at=at)
        for journey in children:
            sheet.new_page()
            _child(sheet, journey, at=at)
        return Pack(sheet.render(), len(children))


def _cover(sheet: Sheet, center: Center, children: Sequence[Journey], *, at: datetime) -> None:
    sheet.head(
        center.name,
        _("As recorded at %(at)s; covers the time until %(until)s.")
        % {"at": moment(at), "until": moment(at + COVERS)},
    )
    sheet.note(
        _("For hours without the program"),
        _("Write by hand what happens, with time and name, and enter it when the program is back."),
        _("Destroy this pack when the next one is there."),
        strong=True,
    )
    sheet.heading(_("Children"))
    if not children:
        sheet.text(_("Nobody."))
        return
    sheet.table(
        [_("Child"), "MRN", _("Product"), _("Stage"), _("Day")],
        [
            (
                str(journey.patient),
                journey.patient.mrn,
                product_label(journey.product),
                journey.get_stage_display(),
                _day_number(journey, at=at),
            )
            for journey in children
        ],
        parts=[4, 2, 2.5, 2.5, 1],
    )


def _day_number(journey: Journey, *, at: datetime) -> str:
    number = day_of(journey, journey.center.local_day(at))
    return "–" if number is None else str(number)


def _child(sheet: Sheet, journey: Journey, *, at: datetime) -> None:
    patient, on = journey.patient, journey.center.local_day(at)
    sheet.heading(child_line(journey))
    sheet.facts(
        [
            (_("Age"), age(patient.birth_date, on)),
            (_("Sex"), patient.get_sex_display()),
            (_("Weight"), weight(latest_weight(journey.patient_id, at=at))),
            (_("Allergies"), phrases.allergies(patient)),
            (_("Product"), product_label(journey.product)),
            (_("Stage"), f"{journey.get_stage_display()}, {day(journey.stage_since)}"),
            (_("Infused"), day(journey.infused_at) if journey.infused_at else _("not yet")),
            (_("Family's language"), Language(patient.language).label if patient.language else None),
        ]
    )
    _contacts(sheet, journey)
    _product(sheet, journey)
    _waiting(sheet, journey, at=at)
    if journey.stage == Stage.INFUSED:
        _ward(sheet, journey, at=at)


def _contacts(sheet: Sheet, journey: Journey) -> None:
    told = [
        phrases.line(ContactRelation(each.relation).label, phrases.listed((each.name, each.phone)))
        for each in Contact.objects.filter(patient_id=journey.patient_id).order_by("pk")
    ]
    sheet.subheading(_("Whom to call"))
    sheet.text("\n".join(told) or phrases.unknown())


def _product(sheet: Sheet, journey: Journey) -> None:
    order = latest_order(journey)
    if order is None:
        return
    sheet.subheading(_("Product"))
    batch = order.batches.order_by("-released_at").first()
    sheet.facts(
        [
            (_("Chain of identity"), order.chain_of_identity),
            (_("Manufacturer's order number"), order.manufacturer_order_id),
            (_("Lot"), batch.lot if batch else None),
            (_("Quality"), batch.get_state_display() if batch else _("not released")),
        ]
    )
    bags = bags_of(journey)
    if bags:
        sheet.table(
            [_("Bag"), _("Lies at"), _("Expires"), _("State")],
            [
                (
                    Code(bag.label),
                    phrases.listed((bag.place, bag.position)),
                    moment(bag.expires_at),
                    _("in quarantine") if bag.is_quarantined else bag.get_state_display(),
                )
                for bag in bags
            ],
            parts=[3, 3, 2, 2],
        )


def _waiting(sheet: Sheet, journey: Journey, *, at: datetime) -> None:
    due = Reminder.objects.open().filter(journey=journey, opens_at__lt=at + COVERS).order_by("due_at")
    sheet.subheading(_("Due in these hours, or late"))
    lines = [
        f"{day(each.due_on) if each.due_on else moment(each.due_at)}  {said_text(each.label)}" for each in due
    ]
    sheet.text("\n".join(lines) or _("Nothing."))


def _ward(sheet: Sheet, journey: Journey, *, at: datetime) -> None:
    language: OneLanguage = "it" if translation.get_language() == "it" else "en"
    draft = sheet_draft(ward_facts(journey, at=at), language=language)
    for heading, text in (
        (_("Situation"), draft.situation),
        (_("Background"), draft.background),
        (_("Assessment"), draft.assessment),
        (_("Recommendation"), draft.recommendation),
    ):
        sheet.subheading(heading)
        sheet.text(text or phrases.unknown())
    written = latest_sheet(journey.pk)
    if written is not None and written.holds(at) and written.recommendation:
        told = {"name": written.written_by, "at": moment(written.written_at)}
        sheet.subheading(_("Handed over by %(name)s, %(at)s") % told)
        sheet.text("\n".join((written.situation, written.recommendation)))
