"""What a person says of a new calendar address."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """Where the address will be used, so that one can be told from another when it is time to revoke it."""

    name = forms.CharField(
        label=_("Where you will use it"), help_text=_("For example: my phone."), max_length=60
    )
