"""The wallet card: A7, English in front, Italian behind, with a QR code that a telephone reads without a net.

The code holds the same words as the card: no address, no number that opens anything, and of the child only
what the family wants on it. Source of the warnings: CARTPath's own working defaults, for the center to
confirm, as in discharge summaries; irradiated blood products after the guideline of the EHA, until when is
for the center to say.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from cartpath.core.paper.fonts import BOLD, REGULAR, register_fonts
from cartpath.core.paper.qr import draw_qr
from cartpath.core.paper.sheets import Rendered
from cartpath.papers.enums import CardFact
from cartpath.papers.texts import day
from infusion.models import Infusion, InfusionPart
from patients.banner import product_label
from patients.enums import ContactRelation
from patients.models import Contact, Journey
from toxicity.sheets import phrases

# ISO 216, A7 across.
SIZE: Final = (105 * mm, 74 * mm)
_MARGIN: Final = 4 * mm
_CODE: Final = 31 * mm
_LARGEST, _SMALLEST = 7.4, 4.6
LANGUAGES: Final = ("en", "it")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: a label, empty where there is none, and what it says."""

    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}" if self.label else self.text


@dataclass(frozen=True, slots=True)
class Card:
    """One side of the card in one language."""

    title: str
    facts: Sequence[Line]
    warnings: Sequence[str]
    foot: str

    @property
    def code(self) -> str:
        """What the QR code says: all of it."""
        lines = [self.title, *map(str, self.facts), *(f"! {each}" for each in self.warnings), self.foot]
        return "\n".join(lines)


def wallet_cards(journey: Journey, shown: Collection[str], *, at: datetime) -> list[Card]:
    """Both sides. `shown` names what the family wants of `CardFact`; days are those of the center."""
    cards = []
    for language in LANGUAGES:
        with translation.override(language), timezone.override(journey.center.zone):
            cards.append(_card(journey, shown, at=at))
    return cards


def wallet_pdf(cards: Sequence[Card]) -> Rendered:
    """The card as a PDF of two pages of A7."""
    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=SIZE, invariant=1)
    canvas.setTitle("CARTPath")
    for card in cards:
        _draw(canvas, card)
        canvas.showPage()
    canvas.save()
    return Rendered(out.getvalue(), len(cards))


def _card(journey: Journey, shown: Collection[str], *, at: datetime) -> Card:
    center = journey.center
    return Card(
        title=_("CAR T-cell therapy"),
        facts=[
            *_of_the_child(journey, shown),
            Line(_("Product"), product_label(journey.product)),
            Line(_("Infused"), phrases.listed(_infused(journey)) or phrases.unknown()),
            *_of_the_family(journey, shown),
            Line(_("Call at once"), phrases.listed((center.name, center.phone or phrases.unknown()))),
        ],
        warnings=[
            _("Fever, low blood pressure, confusion, seizure, bleeding, infection: call at any hour."),
            _("Blood products: irradiated only; ask us until when."),
            _("No live vaccine and no steroid without asking us, except in an emergency."),
            _("Late effects are possible for years: tell every doctor about this therapy."),
        ],
        foot=_("Card of %(day)s. Without a later card it may be out of date.") % {"day": day(at)},
    )


def _of_the_child(journey: Journey, shown: Collection[str]) -> list[Line]:
    patient = journey.patient
    told = {
        CardFact.NAME: Line(_("Name"), str(patient)),
        CardFact.BIRTH_DATE: Line(_("Born"), day(patient.birth_date)),
        CardFact.MRN: Line("MRN", patient.mrn),
        CardFact.DIAGNOSIS: Line(_("Diagnosis"), phrases.diagnosis(journey.referral)),
        CardFact.ALLERGIES: Line("", phrases.allergies(patient)),
    }
    return [line for fact, line in told.items() if fact in shown]


def _of_the_family(journey: Journey, shown: Collection[str]) -> list[Line]:
    if CardFact.FAMILY_PHONE not in shown:
        return []
    named = Contact.objects.filter(patient_id=journey.patient_id).exclude(phone="").order_by("pk")
    told = [f"{ContactRelation(each.relation).label} {each.phone}" for each in named]
    return [Line(_("Family"), phrases.listed(told) or phrases.unknown())]


def _infused(journey: Journey) -> list[str]:
    first = Infusion.objects.filter(journey=journey, started_at__isnull=False)
    further = InfusionPart.objects.filter(journey=journey, started_at__isnull=False)
    times = [*first.values_list("started_at", flat=True), *further.values_list("started_at", flat=True)]
    return [day(at) for at in sorted(at for at in times if at is not None)]


def _draw(canvas: Canvas, card: Card) -> None:
    width, height = SIZE
    canvas.setFillGray(0)
    canvas.rect(0, height - 9 * mm, width, 9 * mm, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.setFont(BOLD, 11)
    canvas.drawString(_MARGIN, height - 6.4 * mm, card.title)
    canvas.setFillGray(0)
    draw_qr(canvas, card.code, x=width - _MARGIN - _CODE, y=height - 12 * mm - _CODE, size=_CODE)
    size, lines = _fitted(card)
    y = height - 12.5 * mm - size
    for font, text in lines:
        canvas.setFont(font, size)
        canvas.drawString(_MARGIN, y, text)
        y -= size * 1.24
    canvas.setFont(REGULAR, 5)
    canvas.drawString(_MARGIN, 2.6 * mm, card.foot)


def _fitted(card: Card) -> tuple[float, list[tuple[str, str]]]:
    """The largest type in which all of the card stands above its foot, and the lines in it."""
    room = SIZE[1] - 12.5 * mm - 6 * mm
    size = _LARGEST
    while True:
        lines = _lines(card, size)
        if len(lines) * size * 1.24 <= room or size <= _SMALLEST:
            return size, lines
        size -= 0.2


def _lines(card: Card, size: float) -> list[tuple[str, str]]:
    width = SIZE[0] - 3 * _MARGIN - _CODE
    lines = [(BOLD, part) for fact in card.facts for part in simpleSplit(str(fact), BOLD, size, width)]
    for warning in card.warnings:
        lines += [(REGULAR, part) for part in simpleSplit(f"• {warning}", REGULAR, size, width)]
    return lines
