"""Forms about agreements: of the child's side, and of the donor's."""

from typing import ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from patients.enums import ConsentKind, ConsentSigner
from patients.inputs import ConsentDetails, DonationConsent

# The consent to a donation is recorded with the donor.
OF_THE_CHILD: Final = [choice for choice in ConsentKind.choices if choice[0] != ConsentKind.DONATION]


class ConsentForm(forms.Form):
    """A consent or assent as signed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OF_THE_CHILD, widget=ButtonChoice)
    given_by = forms.CharField(label=_("Signed by"), max_length=120)
    document_version = forms.CharField(label=_("Document version"), max_length=40)
    signed_on = DayField(label=_("Signed"))

    def consent(self) -> ConsentDetails:
        """The consent, for the service."""
        return ConsentDetails(**self.cleaned_data)


class DonorConsentForm(PastForm):
    """The consent to the donation as signed."""

    past_days: ClassVar = ("signed_on",)

    signer = forms.ChoiceField(
        label=_("Signed by"),
        choices=ConsentSigner.choices,
        widget=ButtonChoice,
        help_text=_("A guardian signs for a donor who is a minor."),
    )
    given_by = forms.CharField(label=_("Name of who signed"), max_length=120)
    document_version = forms.CharField(label=_("Document version"), max_length=40)
    signed_on = DayField(label=_("Signed"))

    def consent(self) -> DonationConsent:
        """The consent, for the service."""
        return DonationConsent(**self.cleaned_data)
