"""Pages of the bedside: scan, sign, and what is entered while the cells run in.

Entries come from a plain form, or from the page's script, which keeps them while there is no net and sends
each until it is answered: then the answer is JSON, and the key of the entry makes it count once.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt
from infusion.bedside import around, giving
from infusion.bedside.bags import bag_of
from infusion.bedside.checking import Signed, bag_sign
from infusion.bedside.comparing import Compared, bedside_scan
from infusion.bedside.forms import (
    BagEndForm,
    BagStartForm,
    BagThawForm,
    EntryForm,
    PremedicationForm,
    ReactionForm,
    ScanForm,
    SignForm,
)
from infusion.bedside.once import digest_of, once
from infusion.bedside.pictures import Bedside, bedside_picture
from infusion.models import BagInfusion, InfusionReaction, Premedication
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, journey_context
from patients.striking import strike_page

# Sent by the page's own script, which is answered in JSON.
BY_SCRIPT: Final = "X-Sent-By"
PAGE: Final = "infusion:bedside"

STRIKE = FormPage(
    title=gettext_lazy("Mark an entry as entered in error"),
    submit=gettext_lazy("Mark as entered in error"),
    anchor="infusion",
    done=gettext_lazy("Marked as entered in error."),
    consequence=gettext_lazy("The entry stays visible, struck through, and no longer counts."),
    danger=True,
)


@journey_page(Permission.CONFIRM_INFUSION)
def bedside(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The bags of the child with their next step, for two people and one tablet, or two."""
    return _page(request, journey)


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def scan(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Wristband and bag: a match to sign under, or the full-screen stop."""
    form = ScanForm(request.POST, auto_id="scan-%s")
    if not form.is_valid():
        return _page(request, journey, scan=form)
    found = bedside_scan(journey_id=journey.pk, scan=form.scan(), by=request.user.actor, at=timezone.now())
    if found.stop is not None:
        return redirect("manufacturing:scan_stop", journey.pk, found.stop.number)
    sign = SignForm(initial=form.cleaned_data, request=request)
    return _match(request, journey, found, sign)


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def sign(request: PersonRequest, journey: Journey, item_id: UUID) -> HttpResponse:
    """Sign under a match; what was scanned is compared once more."""
    form = SignForm(request.POST, request=request)
    if "wristband" not in request.POST or "bag" not in request.POST:
        raise NotFound
    now = timezone.now()
    scanned = ScanForm(request.POST)
    if not scanned.is_valid():
        return redirect(PAGE, journey_id=journey.pk)
    found = bedside_scan(journey_id=journey.pk, scan=scanned.scan(), by=request.user.actor, at=now)
    if found.stop is not None:
        return redirect("manufacturing:scan_stop", journey.pk, found.stop.number)
    signed = None
    if form.is_valid():
        people = [request.user, form.person] if form.person else [request.user]
        signed = attempt(
            form,
            lambda: bag_sign(journey_id=journey.pk, item_id=item_id, scan=form.scan(), people=people, at=now),
        )
    if signed is None:
        return _match(request, journey, found, form)
    messages.success(request, _signed_said(signed))
    return redirect(PAGE, journey_id=journey.pk)


def _signed_said(signed: Signed) -> str:
    if signed.check is not None:
        return _("Wristband and bag checked and signed by %(people)s.") % {"people": ", ".join(signed.names)}
    return _("Signed by %(people)s. Another person signs on the same page in their own session.") % {
        "people": ", ".join(signed.names)
    }


def _match(request: PersonRequest, journey: Journey, found: Compared, form: SignForm) -> HttpResponse:
    """The big match with the signature under it."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    context = journey_context(journey, timezone.now()) | {"found": found, "form": form}
    return render(request, "infusion/bedside_match.html", context, status=status)


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def thaw(request: PersonRequest, journey: Journey, item_id: UUID) -> HttpResponse:
    """One bag begins to thaw."""
    form = BagThawForm(request.POST, now=timezone.now(), auto_id=f"thaw-{item_id}-%s")
    return _entered(
        request,
        journey,
        form,
        lambda: giving.bag_thaw(
            journey_id=journey.pk, item_id=item_id, by=request.user.actor, at=form.acted_at()
        ),
        said=_("Thaw recorded."),
        name=f"thaw-{item_id}",
    )


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def start(request: PersonRequest, journey: Journey, item_id: UUID) -> HttpResponse:
    """One bag begins to run."""
    bag_of(journey, item_id)
    now = timezone.now()
    asked = ("dose_cells", "total_cells", "override_reason", "gate_reason")
    form = BagStartForm(request.POST, now=now, asked=asked, auto_id=f"start-{item_id}-%s")
    return _entered(
        request,
        journey,
        form,
        lambda: giving.bag_start(
            journey_id=journey.pk,
            item_id=item_id,
            start=form.details(),
            by=request.user.actor,
            at=form.acted_at(),
        ),
        said=_("Start of the bag recorded."),
        name=f"start-{item_id}",
    )


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def end(request: PersonRequest, journey: Journey, item_id: UUID) -> HttpResponse:
    """One bag has run in, or was stopped."""
    form = BagEndForm(request.POST, now=timezone.now(), auto_id=f"end-{item_id}-%s")
    return _entered(
        request,
        journey,
        form,
        lambda: giving.bag_end(
            journey_id=journey.pk,
            item_id=item_id,
            end=form.details(),
            by=request.user.actor,
            at=form.acted_at(),
        ),
        said=_("End of the bag recorded."),
        name=f"end-{item_id}",
    )


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def premedication(request: PersonRequest, journey: Journey) -> HttpResponse:
    """One drug given before the cells."""
    form = PremedicationForm(request.POST, now=timezone.now(), auto_id="premedication-%s")
    return _entered(
        request,
        journey,
        form,
        lambda: around.premedication_give(
            journey_id=journey.pk,
            premedication=form.details(),
            by=request.user.actor,
            at=form.acted_at(),
        ),
        said=_("Premedication recorded."),
        name="premedication",
    )


@journey_page(Permission.CONFIRM_INFUSION)
@require_POST
def reaction(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Signs seen while the cells run in."""
    form = ReactionForm(request.POST, now=timezone.now(), auto_id="reaction-%s")
    return _entered(
        request,
        journey,
        form,
        lambda: around.reaction_record(
            journey_id=journey.pk, reaction=form.details(), by=request.user.actor, at=form.acted_at()
        ),
        said=_("Reaction recorded."),
        name="reaction",
    )


@journey_page(Permission.CONFIRM_INFUSION)
def strike(request: PersonRequest, journey: Journey, what: str, row_id: UUID) -> HttpResponse:
    """Mark an entry of the bedside as entered in error."""
    return strike_page(request, journey, _struck(journey, what, row_id), page=STRIKE)


def _struck(journey: Journey, what: str, row_id: UUID) -> Callable[..., object]:
    """The service that strikes one entry of this child. Raises `NotFound` for anything else."""
    if what == "drug" and Premedication.objects.filter(pk=row_id, journey=journey).exists():
        return lambda **told: around.premedication_strike(premedication_id=row_id, **told)
    if what == "reaction" and InfusionReaction.objects.filter(pk=row_id, journey=journey).exists():
        return lambda **told: around.reaction_strike(reaction_id=row_id, **told)
    if BagInfusion.objects.filter(pk=row_id, journey=journey).exists():
        if what == "end":
            return lambda **told: giving.bag_end_strike(bag_id=row_id, **told)
        if what == "start":
            return lambda **told: giving.bag_start_strike(bag_id=row_id, **told)
    raise NotFound


def _entered(
    request: PersonRequest,
    journey: Journey,
    form: EntryForm,
    act: Callable[[], object],
    *,
    said: str,
    name: str,
) -> HttpResponse:
    """Take an entry in once; a refusal is told beside its field, in words for the script."""
    is_new: bool | None = None
    if form.is_valid():
        is_new = attempt(
            form,
            lambda: once(
                key=form.cleaned_data["key"],
                journey_id=journey.pk,
                person=request.user,
                digest=digest_of(request.path, dict(request.POST.lists())),
                at=timezone.now(),
                act=act,
            ),
        )
    by_script = BY_SCRIPT in request.headers
    if is_new is None:
        return _refused(form) if by_script else _page(request, journey, **{name: form})
    if by_script:
        return JsonResponse({"recorded": True, "new": is_new})
    messages.success(request, said)
    return redirect(PAGE, journey_id=journey.pk)


def _refused(form: EntryForm) -> JsonResponse:
    sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    return JsonResponse({"recorded": False, "errors": sentences}, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(request: PersonRequest, journey: Journey, **bound: Any) -> HttpResponse:
    """The page; `bound` are forms that came back with errors, by their names."""
    now = timezone.now()
    picture = bedside_picture(journey, at=now)
    context = journey_context(journey, now) | {
        "picture": picture,
        "cards": _cards(picture, bound, now),
        "scan_form": bound.get("scan") or ScanForm(auto_id="scan-%s"),
        "premedication_form": bound.get("premedication")
        or PremedicationForm(now=now, auto_id="premedication-%s"),
        "reaction_form": bound.get("reaction") or _reaction_form(picture, now),
        "set_id": uuid4(),
        "now_ms": int(now.timestamp() * 1000),
        "may_observe": picture.may_observe and request.user.may(Permission.OBSERVE, journey.center_id),
        "here": reverse(PAGE, args=[journey.pk]),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if bound else HTTPStatus.OK
    return render(request, "infusion/bedside.html", context, status=status)


def _cards(picture: Bedside, bound: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Every bag with the forms of its steps."""
    cards = []
    for number, bag in enumerate(picture.bags, start=1):
        key = bag.item.pk
        cards.append(
            {
                "bag": bag,
                "number": number,
                "is_active": bag.is_active,
                "thaw": bound.get(f"thaw-{key}") or BagThawForm(now=now, auto_id=f"thaw-{key}-%s"),
                "start": bound.get(f"start-{key}")
                or BagStartForm(now=now, asked=picture.asked, auto_id=f"start-{key}-%s"),
                "end": bound.get(f"end-{key}") or BagEndForm(now=now, auto_id=f"end-{key}-%s"),
            }
        )
    return cards


def _reaction_form(picture: Bedside, now: datetime) -> ReactionForm:
    running = picture.running
    return ReactionForm(
        now=now, initial={"item": running.item.number if running else None}, auto_id="reaction-%s"
    )
