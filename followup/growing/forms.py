"""Forms of growing up: steps to adult care, attempts to reach a family, lost and found, letters."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.fields import DayField, MomentField
from cartpath.core.forms import PastForm
from cartpath.core.widgets import ButtonChoice
from followup.growing.enums import (
    ContactOutcome,
    ContactWay,
    HandOverStepKind,
    LetterKind,
)
from followup.growing.inputs import (
    AttemptDetails,
    CareHandedOver,
    FindDetails,
    HandOverStepDetails,
    LetterDetails,
    LossDetails,
)
from followup.models import HandOver
from patients.papers import LetterLanguage

# Fields that only one step asks for.
_OF_STEP: dict[str, tuple[str, ...]] = {
    HandOverStepKind.CENTER_AGREED: ("adult_center", "physician", "phone"),
    HandOverStepKind.SAFETY_ACCEPTED: ("confirmed_by",),
}


class HandOverStepForm(PastForm):
    """A step to adult care was done."""

    past_days: ClassVar = ("done_on",)

    done_on = DayField(label=_("Done"))
    adult_center = forms.CharField(label=_("Adult center"), max_length=160)
    physician = forms.CharField(label=_("Physician"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    confirmed_by = forms.CharField(
        label=_("Confirmed by"),
        max_length=120,
        help_text=_("Who at the adult center said that it keeps the 15-year safety follow-up."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, step: str, hand_over: HandOver | None, **kwargs: Any) -> None:
        """Ask for what this step needs, starting from what is known."""
        kwargs["initial"] = {
            name: getattr(hand_over, name) for name in _OF_STEP[HandOverStepKind.CENTER_AGREED] if hand_over
        }
        super().__init__(*args, **kwargs)
        self.step = step
        for name in (name for names in _OF_STEP.values() for name in names):
            if name not in _OF_STEP.get(step, ()):
                del self.fields[name]

    def details(self) -> HandOverStepDetails:
        """The step, for the service."""
        return HandOverStepDetails(step=self.step, **self.cleaned_data)  # type: ignore[arg-type]


class CareHandOverForm(PastForm):
    """Care goes over to the adult center."""

    past_days: ClassVar = ("handed_over_on",)

    handed_over_on = DayField(label=_("Handed over"))
    reason = forms.CharField(
        label=_("Why a step was left out"), max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        """No question is asked when every step is done."""
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]

    def details(self) -> CareHandedOver:
        """The hand-over, for the service."""
        return CareHandedOver(**self.cleaned_data)


class AttemptForm(PastForm):
    """Somebody tried to reach the family."""

    attempted_at = MomentField(label=_("Tried"), required=False, help_text=_("Empty means now."))
    how = forms.ChoiceField(label=_("How"), choices=ContactWay.choices, widget=ButtonChoice)
    whom = forms.CharField(label=_("Whom"), max_length=120, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=ContactOutcome.choices, widget=ButtonChoice)
    next_on = DayField(label=_("Try again on"), required=False)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def details(self) -> AttemptDetails:
        """The attempt, for the service."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "attempted_at"}
        return AttemptDetails(**given)


class LossForm(PastForm):
    """Nobody knows where the child is."""

    past_days: ClassVar = ("since",)

    since = DayField(label=_("Not found since"))
    last_known = forms.CharField(label=_("Last known address or place"), max_length=400, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def details(self) -> LossDetails:
        """The loss, for the service."""
        return LossDetails(**self.cleaned_data)


class FindForm(PastForm):
    """The child was found again."""

    past_days: ClassVar = ("found_on",)

    found_on = DayField(label=_("Found"))
    where = forms.CharField(label=_("Where"), max_length=400)
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def details(self) -> FindDetails:
        """The find, for the service."""
        return FindDetails(**self.cleaned_data)


class LetterBeginForm(forms.Form):
    """What a letter is for, to whom, in which language."""

    kind = forms.ChoiceField(label=_("Kind"), choices=LetterKind.choices, widget=ButtonChoice)
    addressee = forms.CharField(label=_("To"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    language = forms.ChoiceField(label=_("Language"), choices=LetterLanguage.choices, widget=ButtonChoice)

    def details(self) -> LetterDetails:
        """The letter, for the service."""
        return LetterDetails(**self.cleaned_data)


class LetterForm(forms.Form):
    """The text of a draft."""

    addressee = forms.CharField(label=_("To"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}))
    body = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 28}),
        help_text=_("An empty line begins a new part; a first line that ends with a colon is its heading."),
    )
