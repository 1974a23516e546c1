"""Forms of the pages that span the stages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SettleForm(forms.Form):
    """A reminder is settled by hand, with a reason."""

    reason = forms.CharField(
        label=_("How it was settled"), max_length=400, widget=forms.Textarea({"rows": 2})
    )
