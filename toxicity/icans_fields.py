"""What is seen of neurotoxicity: ICE or CAPD, consciousness, seizure, motor, intracranial pressure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cartpath.core.clinical_fields import ButtonsField, CountField, YesNoUnknownField
from toxicity.grading.capd import CAPD_TOPICS, MAX_CAPD_TOTAL, CapdAnswer
from toxicity.grading.icans import Consciousness, IcansInput, RaisedIcp, Seizure, instrument_for
from toxicity.grading.ice import ICE_ITEM_POINTS, Ice

Word = TypeVar("Word", bound=StrEnum)

ICE_LABELS: Final = {
    "orientation": _("Orientation: year, month, city, hospital"),
    "naming": _("Naming three objects"),
    "command": _("Following a command"),
    "writing": _("Writing a sentence"),
    "attention": _("Counting back from 100 by ten"),
}
ICE_NAMES: Final = tuple(f"ice_{item}" for item in ICE_ITEM_POINTS)

# The topics of the instrument in our own words, translated; the licensed questions are not shipped.
CAPD_LABELS: Final = (
    _("Eye contact"),
    _("Purposeful action"),
    _("Awareness of surroundings"),
    _("Communicates needs"),
    _("Restless"),
    _("Inconsolable"),
    _("Underactive while awake"),
    _("Slow to respond"),
)
CAPD_NAMES: Final = tuple(f"capd_{number}" for number, _topic in enumerate(CAPD_TOPICS, start=1))
CAPD_CHOICES: Final = (
    (CapdAnswer.NEVER.value, pgettext_lazy("how often", "Never")),
    (CapdAnswer.RARELY.value, pgettext_lazy("how often", "Rarely")),
    (CapdAnswer.SOMETIMES.value, pgettext_lazy("how often", "Sometimes")),
    (CapdAnswer.OFTEN.value, pgettext_lazy("how often", "Often")),
    (CapdAnswer.ALWAYS.value, pgettext_lazy("how often", "Always")),
)


class IcansFields(forms.Form):
    """The nervous system at one time. `age_years` decides which bedside test is offered."""

    developmental_delay = forms.BooleanField(
        label=_("Developmental delay: CAPD instead of ICE"), required=False
    )
    capd_unable = forms.BooleanField(label=_("CAPD can't be performed"), required=False)
    capd_baseline = CountField(
        label=_("CAPD before the infusion"), low=0, high=MAX_CAPD_TOTAL, required=False
    )
    new_change_attributed = forms.BooleanField(
        label=_("A clinician attributes a new change to the cells"), required=False
    )
    consciousness = ButtonsField(
        [
            (Consciousness.SPONTANEOUS.value, _("Awake, or wakes by itself")),
            (Consciousness.VOICE.value, _("Wakes to voice")),
            (Consciousness.TOUCH.value, _("Wakes only to touch")),
            (Consciousness.UNAROUSABLE.value, _("Unarousable")),
        ],
        label=_("Consciousness"),
    )
    consciousness_other_cause = forms.BooleanField(
        label=_("Sedation or another cause explains it"), required=False
    )
    seizure = ButtonsField(
        [
            (Seizure.NONE.value, pgettext_lazy("seizure", "None")),
            (Seizure.RESOLVED.value, _("Resolved rapidly")),
            (Seizure.PROLONGED_OR_REPETITIVE.value, _("Over 5 minutes, or repeated")),
        ],
        label=_("Seizure"),
    )
    motor_weakness = YesNoUnknownField(label=_("Deep focal motor weakness"))
    raised_icp = ButtonsField(
        [
            (RaisedIcp.NONE.value, pgettext_lazy("intracranial pressure", "No sign")),
            (RaisedIcp.FOCAL_EDEMA.value, _("Focal edema")),
            (RaisedIcp.DIFFUSE_EDEMA_OR_SIGNS.value, _("Diffuse edema or clinical signs")),
        ],
        label=_("Raised intracranial pressure"),
    )
    intracranial_hemorrhage = forms.BooleanField(label=_("The edema comes from a hemorrhage"), required=False)
    death_from_icans = forms.BooleanField(label=_("Death from ICANS"), required=False)

    def __init__(
        self,
        *args: Any,
        age_years: int,
        has_delay: bool = False,
        capd_wording: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        """Add the items of the tests this child may need: both from the age of ICE on, CAPD alone before.

        With `has_delay`, said of the child before, CAPD is the test at any age and nobody is asked.
        `capd_wording` are the center's own licensed questions; without them the neutral topics are asked.
        """
        super().__init__(*args, **kwargs)
        self.age_years = age_years
        self.has_capd_wording = bool(capd_wording)
        self.has_delay = has_delay
        self.offers_ice = instrument_for(age_years, developmental_delay=has_delay) == "ICE"
        for name, label in zip(CAPD_NAMES, capd_wording or CAPD_LABELS, strict=True):
            self.fields[name] = ButtonsField(CAPD_CHOICES, label=label)
        if not self.offers_ice:
            del self.fields["developmental_delay"]
            return
        for item, most in ICE_ITEM_POINTS.items():
            points = [(number, number) for number in range(most + 1)]
            self.fields[f"ice_{item}"] = ButtonsField(points, label=ICE_LABELS[item], coerce=int)

    def clean(self) -> dict[str, Any]:
        """CAPD is answered whole or not at all."""
        given = super().clean() or self.cleaned_data
        answered = [name for name in CAPD_NAMES if given.get(name)]
        if answered and given.get("capd_unable"):
            self.add_error("capd_unable", _("This contradicts the answers given."))
        elif answered and len(answered) < len(CAPD_NAMES) and self.uses_capd:
            missing = next(name for name in CAPD_NAMES if not given.get(name))
            self.add_error(missing, _("Answer all eight, or none."))
        elif answered and not self.uses_capd and not any(given.get(name) is not None for name in ICE_NAMES):
            # A page that was opened on the eve of the birthday, or a delay ticked and unticked.
            self.add_error(None, _("CAPD was answered, but ICE is this child's test from 12 years on."))
        return given

    @property
    def uses_capd(self) -> bool:
        """Whether CAPD is the bedside test of this child."""
        return not self.offers_ice or bool(self.cleaned_data.get("developmental_delay"))

    @property
    def ice_items(self) -> list[forms.BoundField]:
        """The items of ICE, when it is offered."""
        return [self[name] for name in ICE_NAMES] if self.offers_ice else []

    @property
    def capd_items(self) -> list[forms.BoundField]:
        """The eight items of CAPD."""
        return [self[name] for name in CAPD_NAMES]

    def icans(self) -> IcansInput | None:
        """What was entered; None when nothing was: ICANS is not assessed then. The service adds the age."""
        given = self.cleaned_data
        flags = (
            "capd_unable",
            "new_change_attributed",
            "consciousness_other_cause",
            "intracranial_hemorrhage",
        )
        entered = IcansInput(
            **{name: given.get(name, False) for name in (*flags, "developmental_delay", "death_from_icans")},
            ice=None if self.uses_capd else self._ice(),
            capd_answers=self._capd() if self.uses_capd else None,
            capd_baseline=given.get("capd_baseline"),
            consciousness=_word(Consciousness, given.get("consciousness")),
            seizure=_word(Seizure, given.get("seizure")),
            motor_weakness=given.get("motor_weakness"),
            raised_icp=_word(RaisedIcp, given.get("raised_icp")),
        )
        untouched = IcansInput(
            developmental_delay=entered.developmental_delay, capd_baseline=entered.capd_baseline
        )
        return None if entered == untouched else entered

    def _ice(self) -> Ice | None:
        points = {item: self.cleaned_data.get(f"ice_{item}") for item in ICE_ITEM_POINTS}
        return None if all(each is None for each in points.values()) else Ice(**points)

    def _capd(self) -> tuple[CapdAnswer, ...] | None:
        given = self.cleaned_data
        answers = [given[name] for name in CAPD_NAMES if given.get(name)]
        if given.get("capd_unable") or len(answers) < len(CAPD_NAMES):
            return None
        return tuple(CapdAnswer(answer) for answer in answers)


def _word(words: type[Word], value: str | None) -> Word | None:
    return words(value) if value else None
