"""Pages of the scanner: one field that leads to the one right page, and the full-screen stop."""

from typing import Final

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import Invalid, NotFound
from cartpath.core.forms import attempt, form_status, posted
from cartpath.core.said import said_text
from manufacturing.custody.views import possible_steps
from manufacturing.custody.words import Step
from manufacturing.models import CustodyItem, ScanStop
from manufacturing.scanning.forms import AcknowledgeForm, ScanForm
from manufacturing.scanning.resolving import Found, following, scan
from manufacturing.scanning.rules.routing import Next
from manufacturing.scanning.rules.wristband import looks_like_wristband
from manufacturing.scanning.selectors import stops_of
from manufacturing.scanning.services import scan_stop_acknowledge
from patients.http import journey_page
from patients.models import Journey
from patients.pages import journey_context

# The first characters of ISBT 128 and of a scanner's own sign.
SIGNS: Final = frozenset("=&]")


@page(Permission.RECORD_CUSTODY)
def scan_any(request: PersonRequest) -> HttpResponse:
    """Scan anything of the person's centers."""
    return _answered(request, ScanForm(posted(request)))


def scan_answer(request: PersonRequest, typed: str) -> HttpResponse:
    """What was scanned into the search field, as if it had been scanned on the page."""
    return _answered(request, ScanForm({"read": typed}))


def _answered(request: PersonRequest, form: ScanForm) -> HttpResponse:
    found = _scanned(request, form, None)
    if isinstance(found, ScanStop) or (isinstance(found, Found) and found.journey is not None):
        return _led(found)
    return render(request, "manufacturing/scanning/scan.html", _shown(form, found), status=form_status(form))


def looks_scanned(text: str) -> bool:
    """Whether a text in the search field came from a scanner: no name or MRN begins so."""
    return text[:1] in SIGNS or looks_like_wristband(text.upper())


@journey_page(Permission.RECORD_CUSTODY)
def scan_child(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Scan something that must belong to this child."""
    form = ScanForm(posted(request))
    found = _scanned(request, form, journey)
    if isinstance(found, ScanStop) or (isinstance(found, Found) and found.journey is not None):
        return _led(found)
    context = journey_context(journey, timezone.now()) | _shown(form, found) | {"stops": stops_of(journey)}
    return render(request, "manufacturing/scanning/scan_child.html", context, status=form_status(form))


def _scanned(request: PersonRequest, form: ScanForm, journey: Journey | None) -> Found | ScanStop | None:
    if not form.is_bound or not form.is_valid():
        return None
    try:
        found = scan(form.cleaned_data["read"], user=request.user, at=timezone.now(), journey=journey)
    except Invalid as refusal:
        for sentence in refusal.fields.values():
            form.add_error("read", said_text(sentence))
        return None
    if isinstance(found, Found) and found.is_nothing:
        form.add_error("read", _("Nothing with this number is on record here."))
    return found


def _shown(form: forms.Form, found: Found | ScanStop | None) -> dict[str, object]:
    return {"form": form, "choice": found.choice if isinstance(found, Found) else ()}


def _led(found: Found | ScanStop) -> HttpResponse:
    """The page a scan leads to."""
    if isinstance(found, ScanStop):
        return redirect("manufacturing:scan_stop", found.journey_id, found.number)
    if found.journey is None:
        raise NotFound
    if found.item is None or found.following is None:
        return redirect("web:journey", found.journey.pk)
    return redirect(page_of(found.item, found.following))


def page_of(item: CustodyItem, following: Next) -> str:
    """The address of the page on which what follows is done; items are named by their numbers only."""
    if following.act == "bedside":
        return reverse("infusion:bedside", args=[item.journey_id])
    if following.act == "record" and Step(following.step) in possible_steps([item], timezone.now()):
        page_url = reverse("manufacturing:custody_step", args=[item.journey_id, following.step])
        return f"{page_url}?item={item.number}"
    return reverse("manufacturing:custody", args=[item.journey_id])


@journey_page(Permission.RECORD_CUSTODY)
def open_item(request: PersonRequest, journey: Journey, number: int) -> HttpResponse:
    """One of several items that a code fits: go on with it."""
    item = CustodyItem.objects.filter(journey=journey, number=number, struck_at=None).first()
    if item is None:
        raise NotFound
    return redirect(page_of(item, following(item, request.user)))


@journey_page(Permission.RECORD_CUSTODY)
def stop(request: PersonRequest, journey: Journey, number: int) -> HttpResponse:
    """The full-screen stop. It goes away when somebody says what they did with the item."""
    row = ScanStop.objects.filter(journey=journey, number=number).select_related("item").first()
    if row is None:
        raise NotFound
    now = timezone.now()
    form = AcknowledgeForm(posted(request))
    if form.is_bound and form.is_valid():
        done = attempt(
            form,
            lambda: scan_stop_acknowledge(
                stop_id=row.pk, done=form.cleaned_data["done"], by=request.user.actor, at=now
            ),
        )
        if done is not None:
            messages.success(request, _("Kept. Scan the right item."))
            return redirect("manufacturing:scan_child", journey.pk)
    context = journey_context(journey, now) | {"stop": row, "form": form}
    return render(request, "manufacturing/scanning/stop.html", context, status=form_status(form))
