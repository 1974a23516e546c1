"""From what a person typed to one service call, and back to the field that was wrong."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cartpath.core.errors import Conflict, DomainError, Invalid, Stale

T = TypeVar("T")


def attempt(form: forms.BaseForm, act: Callable[[], T]) -> T | None:
    """Make one service call for a valid form.

    A refusal becomes errors of the form, each beside its field, so what was typed stays; None is returned
    then. Missing rights and missing records are not the form's business and travel on.
    """
    try:
        return act()
    except (Invalid, Conflict, Stale) as refusal:
        add_refusal(form, refusal)
        return None


def add_refusal(form: forms.BaseForm, refusal: DomainError) -> None:
    """Put a refusal's sentences beside the fields they are about, or above the form."""
    placed = False
    for field, sentence in refusal.fields.items():
        if field in form.fields:
            form.add_error(field, sentence)
            placed = True
    if not placed or not refusal.fields:
        form.add_error(None, refusal.message)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the body of a POST, nothing otherwise."""
    return request.POST if request.method == "POST" else None


def form_status(form: forms.BaseForm) -> HTTPStatus:
    """The status of a page that shows `form`: 422 when it comes back with errors."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK


# A tablet's clock may run ahead of the server's.
CLOCK_DRIFT = timedelta(minutes=5)


class PastForm(forms.Form):
    """A form about something that happened: no time in it may lie after `now`, when it is sent.

    `past_days` names the calendar days that must not lie after today in the active zone.
    """

    past_days: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        """Refuse what has not happened yet, beside its field."""
        super().clean()
        today = timezone.localtime(self.now).date()
        for name, value in list(self.cleaned_data.items()):
            if isinstance(value, datetime) and value > self.now + CLOCK_DRIFT:
                self.add_error(name, _("Give a time that has passed."))
            elif name in self.past_days and value is not None and value > today:
                self.add_error(name, _("Give a day that is not in the future."))
        return self.cleaned_data

    def moment(self, name: str = "at") -> datetime:
        """The time that was typed, or now when the field was left empty.

        To the minute, as times are typed: what is recorded now must not come after what is typed next.
        """
        typed: datetime | None = self.cleaned_data[name]
        return typed or self.now.replace(second=0, microsecond=0)
