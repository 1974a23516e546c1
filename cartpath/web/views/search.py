"""Search by name or MRN. What was typed names a child, so it travels in the body and never in an address."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from manufacturing.scanning.views import looks_scanned, scan_answer
from patients.models import Journey, Patient
from patients.selectors import SEARCH_LIMIT, patients_found

SESSION_KEY = "search"
LONGEST = 100


@page(Permission.VIEW_PATIENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: PersonRequest) -> HttpResponse:
    """Children whose names or MRN hold every word; an MRN typed in full leads to its only journey at once.

    The text is kept in the session, so that going back and reloading work without an address that names
    anybody. What a scanner types into the field is a scan.
    """
    if request.method == "POST":
        typed = request.POST.get("q", "").strip()
        if looks_scanned(typed) and request.user.centers_for(Permission.RECORD_CUSTODY):
            return scan_answer(request, typed)
        request.session[SESSION_KEY] = typed[:LONGEST]
        return redirect("web:search")
    text = request.session.get(SESSION_KEY, "")
    found = patients_found(request.user, text)
    journey = _only_journey(found, text)
    if journey is not None:
        # Going back from the child's page must not lead to it again.
        request.session[SESSION_KEY] = ""
        return redirect("web:journey", journey_id=journey.pk)
    context = {
        "search_text": text,
        "found": found,
        "is_cut": len(found) == SEARCH_LIMIT,
        "several_centers": len({patient.center_id for patient in found}) > 1,
        "on": timezone.localtime(timezone.now()).date(),
        "may_refer": bool(request.user.centers_for(Permission.REFER)),
    }
    return render(request, "web/search.html", context)


def _only_journey(found: Sequence[Patient], text: str) -> Journey | None:
    exact = [patient for patient in found if patient.mrn.upper() == text.upper()]
    if len(exact) != 1:
        return None
    journeys = list(exact[0].journeys.all())
    return journeys[0] if len(journeys) == 1 else None
