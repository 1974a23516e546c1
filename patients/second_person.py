"""The fields with which a second person signs on a page that somebody else has open."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from patients.signature import second_signature


class SecondPerson(forms.Form):
    """The second person signs with their own password."""

    second = forms.EmailField(
        label=_("Second person's e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("Second person's password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    person: User

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """The request is needed to count wrong guesses."""
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        """Find the second person by address and password, once everything else is right."""
        super().clean()
        if not self.errors:
            given = self.cleaned_data
            try:
                self.person = second_signature(
                    self.request, email=given["second"], password=given["password"]
                )
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return self.cleaned_data
