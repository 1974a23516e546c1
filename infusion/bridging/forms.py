"""Forms of bridging therapy."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, MeasureField, YesNoUnknownField
from cartpath.core.fields import DayField
from cartpath.core.forms import PastForm
from infusion.bridging.inputs import CourseDetails, CourseEnd
from infusion.bridging.words import BridgingClass, BridgingResponse, Complication, StagingMethod

MARROW = frozenset({StagingMethod.MORPHOLOGY.value, StagingMethod.FLOW.value, StagingMethod.PCR.value})


class CourseForm(PastForm):
    """A course as it begins."""

    past_days: ClassVar = ("started_on",)

    bridging_class = forms.ChoiceField(label=_("Class"), choices=[("", ""), *BridgingClass.choices])
    regimen = forms.CharField(
        label=_("Drugs and doses"),
        help_text=_("As your clinic writes it."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    started_on = DayField(label=_("First day"))
    with_intrathecal = YesNoUnknownField(label=_("With intrathecal chemotherapy"))
    is_cardiotoxic = YesNoUnknownField(
        label=_("Toxic to the heart"), help_text=_("Then the heart is examined again before lymphodepletion.")
    )

    def details(self) -> CourseDetails:
        """The course, for the service."""
        return CourseDetails(**self.cleaned_data)


class CourseEndForm(PastForm):
    """How a course ended, or what was learned since."""

    past_days: ClassVar = ("ended_on", "staged_on")

    ended_on = DayField(label=_("Last day"))
    response = ButtonsField(BridgingResponse.choices, label=_("Response"))
    had_complications = YesNoUnknownField(label=_("Complications"))
    complications = forms.MultipleChoiceField(
        label=_("Which"),
        choices=Complication.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "buttons"}),
    )
    complication_note = forms.CharField(
        label=_("About the complications"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    staged_on = DayField(label=_("Staged again on"), required=False)
    staging = ButtonsField(StagingMethod.choices, label=_("How"))
    blasts_percent = MeasureField(
        label=_("Blasts in the marrow"),
        help_text=_("Kept as the finding of that day, which also decides about the parts of a dose."),
        low=0,
        high=100,
        unit="%",
        places=2,
        required=False,
    )
    note = forms.CharField(
        label=_("Note"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        """Complications that are named were there; blasts belong to a marrow of a day."""
        given = super().clean()
        if given.get("complications") and given.get("had_complications") is not True:
            self.add_error("had_complications", _("Say yes, or name none."))
        if given.get("had_complications") and not given.get("complications"):
            self.add_error("complications", _("Say which."))
        if given.get("blasts_percent") is not None and (
            given.get("staging") not in MARROW or not given.get("staged_on")
        ):
            self.add_error("blasts_percent", _("Give the day and the kind of the marrow, too."))
        return given

    def details(self) -> CourseEnd:
        """The end, for the service. Nobody looked: the complications are unknown."""
        given = self.cleaned_data
        had = given["had_complications"]
        return CourseEnd(
            ended_on=given["ended_on"],
            response=given["response"] or None,
            complications=None if had is None else tuple(given["complications"]),
            complication_note=given["complication_note"],
            staged_on=given["staged_on"],
            staging=given["staging"] or None,
            note=given["note"],
        )
