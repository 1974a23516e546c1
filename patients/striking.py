"""Marking something as entered in error: one form and one page for everything a person records."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django import forms
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.http import PersonRequest
from cartpath.core.errors import NotFound
from cartpath.core.forms import posted
from patients.models import Journey
from patients.pages import FormPage, answer

Row = TypeVar("Row", bound=Model)


class StrikeForm(forms.Form):
    """Something was entered in error."""

    reason = forms.CharField(label=_("What was wrong"), max_length=400)


def row_of(rows: QuerySet[Row], key: UUID) -> Row:
    """The row of that key. Raises `NotFound`; `rows` are those of the journey that is looked at."""
    row = rows.filter(pk=key).first()
    if row is None:
        raise NotFound
    return row


def strike_page(
    request: PersonRequest,
    journey: Journey,
    strike: Callable[..., object],
    *,
    page: FormPage,
    back_url: str = "",
    **context: Any,
) -> HttpResponse:
    """Ask what was wrong and strike; `strike` is a service that lacks `reason`, `by` and `at` only.

    Done leads to `back_url`, else to the patient page; `context` is what stands beside the form.
    """
    now = timezone.now()
    form = StrikeForm(posted(request))
    act = partial(strike, by=request.user.actor, at=now)
    return answer(
        request,
        journey,
        form,
        lambda: act(reason=form.cleaned_data["reason"]),
        page=page,
        at=now,
        back_url=back_url,
        **context,
    )
