"""Forms of the patients room: what a person types, turned into the services' inputs."""

from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import Center, User
from cartpath.accounts.permissions import Permission
from cartpath.core.fields import DayField, MomentField, QuantityField
from cartpath.core.widgets import ButtonChoice
from patients.banner import product_choices
from patients.enums import (
    AllergyState,
    Cd19Status,
    ClosingReason,
    ContactRelation,
    CriterionVerdict,
    Diagnosis,
    DiseaseStatus,
    DrugClass,
    Language,
    PerformanceScale,
    Sex,
    Urgency,
)
from patients.inputs import (
    BodyMeasurement,
    ContactDetails,
    CriterionAssessment,
    PatientDetails,
    ReferralDetails,
    TreatmentDetails,
)

UNKNOWN: tuple[str, Any] = ("", _("Unknown"))


def or_unknown(choices: Any) -> list[tuple[str, Any]]:
    """The choices with “unknown” first: nothing is assumed."""
    return [UNKNOWN, *choices]


class ReferralForm(forms.Form):
    """A child is referred: who, from where, with what disease, for which product."""

    center = forms.ModelChoiceField(queryset=Center.objects.none(), label=_("Center"), empty_label=None)
    mrn = forms.CharField(
        label=_("MRN"), max_length=40, help_text=_("A known MRN adds a journey to that child.")
    )
    family_name = forms.CharField(label=_("Family name"), max_length=120)
    given_name = forms.CharField(label=_("Given name"), max_length=120)
    birth_date = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, widget=ButtonChoice)
    language = forms.ChoiceField(
        label=_("Family's language"), choices=or_unknown(Language.choices), required=False
    )
    allergy_state = forms.ChoiceField(
        label=_("Allergies"), choices=AllergyState.choices, initial=AllergyState.NOT_RECORDED
    )
    allergies = forms.CharField(label=_("Known allergies"), max_length=400, required=False)
    referred_at = MomentField(label=_("Referred"))
    referring_center = forms.CharField(label=_("Referring center"), max_length=160)
    referring_physician = forms.CharField(label=_("Referring physician"), max_length=120, required=False)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=Urgency.choices, widget=ButtonChoice)
    product = forms.ChoiceField(label=_("Product"))
    diagnosis = forms.ChoiceField(
        label=_("Diagnosis"), choices=[("", _("Choose a diagnosis")), *Diagnosis.choices]
    )
    diagnosis_detail = forms.CharField(label=_("Diagnosis in detail"), max_length=400, required=False)
    disease_status = forms.ChoiceField(
        label=_("Disease status"), choices=or_unknown(DiseaseStatus.choices), required=False
    )
    cd19_status = forms.ChoiceField(
        label=_("CD19"), choices=or_unknown(Cd19Status.choices), widget=ButtonChoice, required=False
    )
    cd19_tested_on = DayField(label=_("CD19 tested"), required=False)
    performance_scale = forms.ChoiceField(
        label=_("Performance scale"),
        choices=or_unknown(PerformanceScale.choices),
        widget=ButtonChoice,
        required=False,
    )
    performance_score = QuantityField(label=_("Performance score"), low=0, high=100, places=0, required=False)
    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Offer the centers where the person may refer, and the products that have a protocol."""
        super().__init__(*args, **kwargs)
        centers = Center.objects.filter(pk__in=user.centers_for(Permission.REFER)).order_by("name")
        self.fields["center"].queryset = centers  # type: ignore[attr-defined]
        if len(centers) == 1:
            self.fields["center"].initial = centers[0]
            self.fields["center"].widget = forms.HiddenInput()
        self.fields["product"].choices = product_choices()  # type: ignore[attr-defined]

    SECTIONS: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = (
        (
            _("The child"),
            (
                "center",
                "mrn",
                "family_name",
                "given_name",
                "birth_date",
                "sex",
                "language",
                "allergy_state",
                "allergies",
            ),
        ),
        (
            _("The referral"),
            ("referred_at", "referring_center", "referring_physician", "urgency", "product"),
        ),
        (
            _("The disease"),
            (
                "diagnosis",
                "diagnosis_detail",
                "disease_status",
                "cd19_status",
                "cd19_tested_on",
                "performance_scale",
                "performance_score",
                "note",
            ),
        ),
    )

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The visible fields by section."""
        return [
            {"title": title, "fields": [self[name] for name in names if not self[name].is_hidden]}
            for title, names in self.SECTIONS
        ]

    def patient(self) -> PatientDetails:
        """The child, for the service."""
        names = (
            "mrn",
            "family_name",
            "given_name",
            "birth_date",
            "sex",
            "language",
            "allergy_state",
            "allergies",
        )
        given = {name: self.cleaned_data[name] for name in names}
        return PatientDetails(**given | {"language": given["language"] or None})

    def referral(self) -> ReferralDetails:
        """The referral, for the service; an empty field is unknown."""
        given = self.cleaned_data
        score = given["performance_score"]
        return ReferralDetails(
            referring_center=given["referring_center"],
            referring_physician=given["referring_physician"],
            product=given["product"],
            urgency=given["urgency"],
            diagnosis=given["diagnosis"],
            diagnosis_detail=given["diagnosis_detail"],
            disease_status=given["disease_status"] or None,
            cd19_status=given["cd19_status"] or None,
            cd19_tested_on=given["cd19_tested_on"],
            performance_scale=given["performance_scale"] or None,
            performance_score=None if score is None else int(score),
            note=given["note"],
        )

    def clean(self) -> dict[str, Any]:
        """A score needs its scale; a birth date has passed; a named allergy means there is one."""
        given = super().clean() or {}
        if given.get("performance_score") is not None and not given.get("performance_scale"):
            self.add_error("performance_scale", _("Say on which scale the score was taken."))
        born, referred_at = given.get("birth_date"), given.get("referred_at")
        if born and referred_at and born > referred_at.date():
            self.add_error("birth_date", _("The birth date must lie before the referral."))
        if given.get("allergies") and given.get("allergy_state") != AllergyState.KNOWN:
            self.add_error("allergy_state", _("Choose “known allergies” when you name some."))
        return given


class TreatmentForm(forms.Form):
    """A previous treatment and its last dose: a day, a time, or unknown."""

    drug = forms.CharField(label=_("Drug or procedure"), max_length=120)
    drug_class = forms.ChoiceField(
        label=_("Class"),
        choices=[("", _("Choose a class")), *DrugClass.choices],
        help_text=_("Decides which washout applies."),
    )
    last_dose_on = DayField(
        label=_("Last dose, day"), required=False, help_text=_("Leave empty if it is not known.")
    )
    last_dose_time = forms.TimeField(
        label=_("Last dose, time"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("Needed where the washout counts hours."),
    )
    half_life_hours = QuantityField(
        label=_("Half-life of the drug"),
        low=0.1,
        high=10_000,
        unit="h",
        places=1,
        required=False,
        help_text=_("Only for “other systemic drug”: two weeks or five half-lives, whichever is shorter."),
    )
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def clean(self) -> dict[str, Any]:
        """An hour without its day says nothing."""
        given = super().clean() or {}
        if given.get("last_dose_time") and not given.get("last_dose_on"):
            self.add_error("last_dose_on", _("Give the day as well."))
        return given

    def treatment(self, zone: ZoneInfo) -> TreatmentDetails:
        """The treatment, for the service; the time is the center's."""
        given = self.cleaned_data
        day: date | None = given["last_dose_on"]
        hour: time | None = given["last_dose_time"]
        last_dose: date | datetime | None = day
        if day is not None and hour is not None:
            last_dose = datetime.combine(day, hour, tzinfo=zone)
        half_life = given["half_life_hours"]
        return TreatmentDetails(
            drug=given["drug"],
            drug_class=given["drug_class"],
            last_dose=last_dose,
            half_life_hours=None if half_life is None else float(half_life),
            note=given["note"],
        )


class MeasurementForm(forms.Form):
    """Weight and height of a named time."""

    measured_at = MomentField(label=_("Measured"))
    weight_kg = QuantityField(label=_("Weight"), low=0.3, high=300, unit="kg", places=2, required=False)
    height_cm = QuantityField(label=_("Height"), low=20, high=250, unit="cm", places=1, required=False)

    def measurement(self) -> BodyMeasurement:
        """The measurement, for the service."""
        weight, height = self.cleaned_data["weight_kg"], self.cleaned_data["height_cm"]
        return BodyMeasurement(
            weight_kg=None if weight is None else float(weight),
            height_cm=None if height is None else float(height),
        )


class ContactForm(forms.Form):
    """Somebody to call."""

    relation = forms.ChoiceField(label=_("Relation"), choices=ContactRelation.choices, widget=ButtonChoice)
    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    email = forms.EmailField(label=_("E-mail address"), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=or_unknown(Language.choices), required=False)

    def contact(self) -> ContactDetails:
        """The contact, for the service."""
        return ContactDetails(**self.cleaned_data | {"language": self.cleaned_data["language"] or None})


class CriterionForm(forms.Form):
    """A verdict on one criterion; a waiver asks for a reason and a second clinician."""

    verdict = forms.ChoiceField(label=_("Verdict"), choices=CriterionVerdict.choices, widget=ButtonChoice)
    observed_on = DayField(label=_("Observed"), required=False)
    finding = forms.CharField(label=_("Finding"), max_length=400, required=False)
    reason = forms.CharField(
        label=_("Reason for a waiver"), max_length=400, required=False, help_text=_("Only when waived.")
    )
    second = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label=_("Second clinician"),
        required=False,
        empty_label=_("Nobody"),
        help_text=_("Only when waived."),
    )

    def __init__(self, *args: Any, user: User, center_id: int, **kwargs: Any) -> None:
        """Offer the other clinicians of the center."""
        super().__init__(*args, **kwargs)
        others = User.objects.with_permission(Permission.ASSESS_ELIGIBILITY, center_id=center_id)
        self.fields["second"].queryset = others.exclude(pk=user.pk).order_by("name")  # type: ignore[attr-defined]

    def assessment(self, criterion: str) -> CriterionAssessment:
        """The assessment, for the service."""
        given = self.cleaned_data
        return CriterionAssessment(
            criterion=criterion,
            verdict=given["verdict"],
            observed_on=given["observed_on"],
            finding=given["finding"],
            reason=given["reason"],
        )


class PatientForm(forms.Form):
    """The child's details; a change keeps the old value in the ledger and asks why."""

    family_name = forms.CharField(label=_("Family name"), max_length=120)
    given_name = forms.CharField(label=_("Given name"), max_length=120)
    birth_date = DayField(label=_("Birth date"))
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, widget=ButtonChoice)
    mrn = forms.CharField(label=_("MRN"), max_length=40)
    language = forms.ChoiceField(
        label=_("Family's language"), choices=or_unknown(Language.choices), required=False
    )
    allergy_state = forms.ChoiceField(label=_("Allergies"), choices=AllergyState.choices)
    allergies = forms.CharField(label=_("Known allergies"), max_length=400, required=False)
    name_was_wrong = forms.BooleanField(
        label=_("The name was misspelled"), required=False, help_text=_("Else it stays as a former name.")
    )
    reason = forms.CharField(
        label=_("Reason for the change"),
        max_length=400,
        help_text=_("Kept in the ledger with the old values."),
    )

    DETAILS: ClassVar[tuple[str, ...]] = (
        "family_name",
        "given_name",
        "birth_date",
        "sex",
        "mrn",
        "language",
        "allergy_state",
        "allergies",
    )

    def clean(self) -> dict[str, Any]:
        """A named allergy means there is one."""
        given = super().clean() or {}
        if given.get("allergies") and given.get("allergy_state") != AllergyState.KNOWN:
            self.add_error("allergy_state", _("Choose “known allergies” when you name some."))
        return given

    def details(self) -> dict[str, Any]:
        """The details without the reason."""
        return {name: self.cleaned_data[name] for name in self.DETAILS}


class AcceptForm(forms.Form):
    """Accept; an incomplete eligibility needs a reason."""

    override_reason = forms.CharField(
        label=_("Reason to accept all the same"),
        max_length=400,
        help_text=_("Kept in the ledger beside the decision."),
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args: Any, eligible: bool, **kwargs: Any) -> None:
        """No question is asked when everything is met."""
        super().__init__(*args, **kwargs)
        if eligible:
            del self.fields["override_reason"]


class DeferForm(forms.Form):
    """Put the decision off."""

    reason = forms.CharField(label=_("What is awaited"), max_length=400)
    review_on = DayField(label=_("Review on"))


class DeclineForm(forms.Form):
    """Decline the referral."""

    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea({"rows": 2}))


class CloseForm(forms.Form):
    """Close the journey."""

    reason_code = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("", _("Choose a reason")),
            *((code, label) for code, label in ClosingReason.choices if code != ClosingReason.DECLINED),
        ],
    )
    died_on = DayField(label=_("Day of death"), required=False, help_text=_("Only when the child died."))
    note = forms.CharField(
        label=_("What happened"), max_length=400, required=False, widget=forms.Textarea({"rows": 2})
    )
