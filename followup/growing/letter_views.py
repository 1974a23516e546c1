"""Pages of letters and of the families' sheet."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cartpath.accounts.http import PersonRequest
from cartpath.accounts.permissions import Permission
from cartpath.core.errors import NotFound
from cartpath.core.forms import attempt, form_status, posted
from followup.growing import letters
from followup.growing.enums import LetterKind
from followup.growing.forms import LetterBeginForm, LetterForm
from followup.growing.panel import ANCHOR
from followup.growing.sheet import LANGUAGES, family_sheet, sheet_language
from followup.models import Letter
from patients.guardians import home_hospital_of
from patients.http import journey_page
from patients.models import Journey
from patients.pages import FormPage, form_page, journey_context
from patients.papers import digest_of, letter_blocks

BEGIN: Final = FormPage(
    title=_("New letter"),
    intro=_("The text is made from the record. You can change it before you sign."),
    submit=_("Begin letter"),
    done=_("Draft made."),
    anchor=ANCHOR,
)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def letter_list(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Every letter about a child, the latest first."""
    context = journey_context(journey, timezone.now()) | {
        "letters": list(Letter.objects.filter(journey=journey).order_by("-begun_at")),
        "may_write": request.user.may(Permission.RECORD_VISIT, journey.center_id),
    }
    return render(request, "followup/growing/letters.html", context)


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def letter_new(request: PersonRequest, journey: Journey) -> HttpResponse:
    """Begin a letter: its text is made from the facts of now."""
    now = timezone.now()
    hospital = home_hospital_of(journey.patient)
    kind = request.GET.get("kind", "")
    addressee = ""
    if hospital is not None and kind in ("", LetterKind.SHARED_CARE):
        addressee = "\n".join(filter(None, (hospital.physician, hospital.name)))
    form = LetterBeginForm(
        posted(request),
        initial={
            "kind": kind,
            "addressee": addressee,
            "language": journey.center.language,
        },
    )
    if form.is_bound and form.is_valid():
        made = attempt(
            form,
            lambda: letters.letter_begin(
                journey_id=journey.pk, letter=form.details(), by=request.user.actor, at=now
            ),
        )
        if made is not None:
            messages.success(request, str(BEGIN.done))
            return redirect("followup:letter", journey_id=journey.pk, letter_id=made.pk)
    cancel_url = reverse("followup:letters", args=[journey.pk])
    return form_page(request, journey, form, page=BEGIN, at=now, cancel_url=cancel_url)


@journey_page(Permission.RECORD_VISIT)
@require_http_methods(["GET", "POST"])
def letter(request: PersonRequest, journey: Journey, letter_id: UUID) -> HttpResponse:
    """Change a draft; one that is signed is only shown."""
    found = _letter(journey, letter_id)
    if found.state != "draft":
        return redirect("followup:letter_print", journey_id=journey.pk, letter_id=found.pk)
    form = LetterForm(posted(request), initial={"addressee": found.addressee, "body": found.body})
    if form.is_bound and form.is_valid():
        made = attempt(form, lambda: letters.letter_edit(letter_id=found.pk, **form.cleaned_data))
        if made is not None:
            messages.success(request, str(_("Draft kept.")))
            return redirect("followup:letter_print", journey_id=journey.pk, letter_id=found.pk)
    context = journey_context(journey, timezone.now()) | {"letter": found, "form": form}
    return render(request, "followup/growing/letter.html", context, status=form_status(form))


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def letter_print(request: PersonRequest, journey: Journey, letter_id: UUID) -> HttpResponse:
    """A letter as it is sent, for A4 in black and white."""
    found = _letter(journey, letter_id)
    context = {
        "journey": journey,
        "letter": found,
        "blocks": letter_blocks(found.body),
        "may_write": request.user.may(Permission.RECORD_VISIT, journey.center_id),
        "is_whole": not found.body or found.digest in ("", digest_of(found.body)),
    }
    return render(request, "followup/growing/letter_print.html", context)


@journey_page(Permission.RECORD_VISIT)
@require_POST
def letter_sign(request: PersonRequest, journey: Journey, letter_id: UUID) -> HttpResponse:
    """Make a draft final."""
    found = _letter(journey, letter_id)
    letters.letter_sign(letter_id=found.pk, by=request.user.actor, at=timezone.now())
    messages.success(request, str(_("Letter signed. It can't change any more.")))
    return redirect("followup:letter_print", journey_id=journey.pk, letter_id=found.pk)


@journey_page(Permission.RECORD_VISIT)
@require_POST
def letter_drop(request: PersonRequest, journey: Journey, letter_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    letters.letter_drop(letter_id=_letter(journey, letter_id).pk)
    messages.success(request, str(_("Draft thrown away.")))
    return redirect("followup:letters", journey_id=journey.pk)


@journey_page(Permission.VIEW_PATIENTS)
@require_safe
def family_sheet_page(request: PersonRequest, journey: Journey) -> HttpResponse:
    """The families' sheet, in a language of its own."""
    now = timezone.now()
    language = sheet_language(journey, request.GET.get("language", ""), get_language() or "en")
    context = {
        "journey": journey,
        "sheet": family_sheet(journey, at=now),
        "language": language,
        "languages": LANGUAGES,
        "on": journey.center.local_day(now),
    }
    return render(request, "followup/growing/family_sheet.html", context)


def _letter(journey: Journey, letter_id: UUID) -> Letter:
    found = Letter.objects.filter(pk=letter_id, journey=journey).first()
    if found is None:
        raise NotFound
    return found
