"""How one observation is said to people: short, in the reader's language."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from toxicity.crs_fields import DEVICES, VASOPRESSORS
from toxicity.grading.ice import Ice, ice_range
from toxicity.observations.catalog import CATALOG, Group, Handwriting, ObservationCode, TemperatureSite
from toxicity.observations.inputs import NotTaken

Text = str | Promise


def not_taken_words(not_taken: Iterable[NotTaken]) -> list[str]:
    """`Systolic pressure not taken: asleep`, for each."""
    return [
        gettext("%(name)s not taken: %(reason)s")
        % {"name": label_words(each.code), "reason": str(each.reason.label).lower()}
        for each in not_taken
    ]


GROUP_WORDS: Final[Mapping[Group, Text]] = {
    Group.VITALS: gettext_lazy("Vital signs"),
    Group.SUPPORT: gettext_lazy("Oxygen and circulation"),
    Group.BALANCE: gettext_lazy("Fluids and weight"),
    Group.NEURO: gettext_lazy("Neurological check"),
}
SITES: Final = (
    (TemperatureSite.AXILLARY.value, gettext_lazy("Axillary")),
    (TemperatureSite.TYMPANIC.value, gettext_lazy("Tympanic")),
    (TemperatureSite.TEMPORAL.value, gettext_lazy("Temporal")),
    (TemperatureSite.ORAL.value, pgettext_lazy("temperature", "Oral")),
    (TemperatureSite.RECTAL.value, gettext_lazy("Rectal")),
    (TemperatureSite.CORE.value, pgettext_lazy("temperature", "Core")),
)
HANDWRITINGS: Final = (
    (Handwriting.UNCHANGED.value, gettext_lazy("Unchanged")),
    (Handwriting.CHANGED.value, gettext_lazy("Changed")),
    (Handwriting.UNABLE.value, gettext_lazy("Unable to write")),
)
# Shorter than on the form, for the narrow columns of the flowsheet.
_WORDS: Final[Mapping[ObservationCode, Mapping[str, Text]]] = {
    ObservationCode.OXYGEN_DEVICE: dict(DEVICES),
    ObservationCode.CONSCIOUSNESS: {
        "spontaneous": pgettext_lazy("consciousness", "Awake"),
        "voice": pgettext_lazy("consciousness", "To voice"),
        "touch": pgettext_lazy("consciousness", "Only to touch"),
        "unarousable": pgettext_lazy("consciousness", "Unarousable"),
    },
    ObservationCode.SEIZURE: {
        "none": pgettext_lazy("seizure", "None"),
        "resolved": pgettext_lazy("seizure", "Resolved"),
        "prolonged_or_repetitive": pgettext_lazy("seizure", "Long or repeated"),
    },
    ObservationCode.MOTOR_WEAKNESS: {
        "no": pgettext_lazy("motor weakness", "None"),
        "yes": pgettext_lazy("motor weakness", "Weak"),
    },
    ObservationCode.RAISED_ICP: {
        "none": pgettext_lazy("intracranial pressure", "No sign"),
        "focal_edema": pgettext_lazy("intracranial pressure", "Focal edema"),
        "diffuse_edema_or_signs": pgettext_lazy("intracranial pressure", "Diffuse or signs"),
    },
    ObservationCode.HANDWRITING: dict(HANDWRITINGS),
}
_AGENTS: Final[Mapping[str, Text]] = dict(VASOPRESSORS)


def label_words(code: ObservationCode) -> Text:
    """The name of an observation."""
    return CATALOG[code].label


def observation_words(
    code: ObservationCode, *, value: Decimal | float | None, word: str = "", parts: Any = None
) -> str:
    """One value without its unit: `38.6`, `Nasal cannula`, `Norepinephrine, Vasopressin`, `8`, `≥7`.

    The arguments are those of the stored row. An ICE of which not all items were tested is a lower bound.
    """
    if code == ObservationCode.VASOPRESSORS:
        return ", ".join(str(_AGENTS.get(agent, agent)) for agent in parts or ()) or gettext("None running")
    if code == ObservationCode.ICE:
        return _ice_words(parts)
    if value is not None:
        return number_words(value, CATALOG[code].decimals)
    return str(_WORDS.get(code, {}).get(word, word))


def number_words(value: Decimal | float, decimals: int) -> str:
    """A number with the language's decimal mark: 39.0 °C keeps its zero, 18.40 kg is 18.4."""
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if decimals > 1 and not exact.as_tuple().digits[-1]:
        exact = exact.quantize(Decimal(1).scaleb(1 - decimals))
    return str(formats.number_format(exact))


def _ice_words(parts: Mapping[str, int | None]) -> str:
    lowest, highest = ice_range(Ice(**parts))
    return str(lowest) if lowest == highest else f"\N{GREATER-THAN OR EQUAL TO}{lowest}"
