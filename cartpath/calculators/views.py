"""The pages of the calculators.

What is typed is computed and forgotten: nothing is stored, logged or put into an address. No patient is
needed; the input of a stored result can be looked at again by those who may see the child.
"""

import json
from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from cartpath.accounts.http import PersonRequest, page
from cartpath.accounts.permissions import Permission
from cartpath.calculators.evaluate import evaluate
from cartpath.calculators.forms import CalculatorForm
from cartpath.calculators.registry import CALCULATORS, STAGE_TITLES, Calculator
from cartpath.calculators.results import Picture, picture_of
from cartpath.calculators.stored import with_outside_names
from cartpath.calculators.wording import licensed_labels
from cartpath.core.version import VERSION
from patients.models import Journey
from patients.results import RuleResult

MORE = "more"


@page(Permission.ENTER)
@require_safe
def show_all(request: PersonRequest) -> HttpResponse:
    """Every calculator under the stage it belongs to."""
    stages = [
        (title, [each for each in CALCULATORS.values() if each.stage is stage])
        for stage, title in STAGE_TITLES.items()
    ]
    return render(request, "calculators/calculators.html", {"stages": stages})


@page(Permission.ENTER)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: PersonRequest, name: str) -> HttpResponse:
    """One calculator: its form, and after a POST what the rule answers."""
    calculator = CALCULATORS.get(name)
    if calculator is None:
        raise Http404
    stored = _stored(request, name)
    inputs = with_outside_names(stored.inputs) if stored else {}
    status, picture = HTTPStatus.OK, None
    labels = licensed_labels(name, center_id=request.center.pk, language=get_language() or "")
    form = CalculatorForm(calculator, inputs=inputs, labels=labels)
    if request.method == "POST":
        form = CalculatorForm(
            calculator, request.POST, inputs=inputs, rows=_rows(request, form), labels=labels
        )
        if request.POST.get(MORE) in form.fields_of_rows:
            form = form.with_more_rows(request.POST[MORE])
        else:
            picture = _compute(calculator, form)
            status = HTTPStatus.OK if picture else HTTPStatus.UNPROCESSABLE_ENTITY
    context = {
        "calculator": calculator,
        "stage": STAGE_TITLES[calculator.stage],
        "form": form,
        "picture": picture,
        "stored": stored,
        "at": timezone.now(),
        "version": VERSION,
    }
    return render(request, "calculators/calculator.html", context, status=status)


def _compute(calculator: Calculator, form: CalculatorForm) -> Picture | None:
    """The answer in words; None when something has to be put right, which the form then says."""
    if not form.is_valid():
        return None
    answer = evaluate(calculator, json.dumps(form.given))
    refused = answer.get("error")
    if isinstance(refused, dict):
        form.refuse(refused["fields"])
        return None
    return picture_of(calculator, answer, form)


def _rows(request: PersonRequest, form: CalculatorForm) -> dict[str, int]:
    """How many rows of each growing list the page had."""
    shown = {path: request.POST.get(f"{path}.rows", "") for path in form.fields_of_rows}
    return {path: int(count) for path, count in shown.items() if count.isdecimal() and len(count) < 4}


def _stored(request: PersonRequest, name: str) -> RuleResult | None:
    """The stored result whose input is to be looked at again; for outsiders there is none (404)."""
    asked = request.GET.get("from")
    if not asked:
        return None
    try:
        key = UUID(asked)
    except ValueError:
        raise Http404 from None
    visible = Journey.objects.visible_to(request.user)
    stored = RuleResult.objects.filter(pk=key, rule=name, journey__in=visible).select_related(
        "journey__patient"
    )
    found = stored.first()
    if found is None:
        raise Http404
    return found
