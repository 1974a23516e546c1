"""Forms about agreements: of the child's side, and of the donor's."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from patients.enums import ConsentKind, ConsentSigner
from patients.inputs import ConsentDetails, ConsentWithdrawal, DonationConsent

# The consent to a donation is recorded with the donor.
OF_THE_CHILD: Final = [choice for choice in ConsentKind.choices if choice[0] != ConsentKind.DONATION]


class ConsentForm(forms.Form):
    """A consent or assent as signed."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OF_THE_CHILD, widget=ButtonChoice)
    given_by = forms.CharField(label=_("Signed by"), max_length=120)
    document_version = forms.CharField(label=_("Document version"), max_length=40)
    signed_on = DayField(label=_("Signed"))

    def __init__(self, *args: Any, guardians: Sequence[str], **kwargs: Any) -> None:
        """Name the guardians on record beside the field for who signed."""
        super().__init__(*args, **kwargs)
        if guardians:
            said = _("Guardians on record: %(names)s.") % {"names": ", ".join(guardians)}
            self.fields["given_by"].help_text = said

    def consent(self) -> ConsentDetails:
        """The consent, for the service."""
        return ConsentDetails(**self.cleaned_data)


class WithdrawalForm(PastForm):
    """An agreement no longer holds, from a day on."""

    past_days: ClassVar = ("withdrawn_on",)

    kind = forms.ChoiceField(label=_("Kind"), widget=ButtonChoice)
    withdrawn_on = DayField(label=_("Withdrawn"))
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        """Offer what holds."""
        super().__init__(*args, **kwargs)
        offered = [(kind, ConsentKind(kind).label) for kind in kinds]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]
        if len(offered) == 1:
            self.fields["kind"].initial = offered[0][0]

    def withdrawal(self) -> ConsentWithdrawal:
        """The withdrawal, for the service."""
        return ConsentWithdrawal(**self.cleaned_data)


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
