"""Forms of the laboratory: values typed in, a table or messages to be read, and IEC-HS considered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cartpath.core.clinical_fields import ButtonsField, YesNoUnknownField
from cartpath.core.errors import Invalid
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from toxicity.laboratory.catalog import CATALOG, Analyte
from toxicity.laboratory.enums import AnalyteGroup, HyperinflammationDecision
from toxicity.laboratory.inputs import HyperinflammationDetails, LabEntry, LabResult
from toxicity.laboratory.reported import amount_of
from toxicity.laboratory.units import checked, number_text
from toxicity.models import LabSet

NOW_WHEN_EMPTY: Final = _("Empty means now.")
MOST_BYTES: Final = 500_000
GRADES: Final = tuple((grade, str(grade)) for grade in range(1, 6))


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One analyte of the form: its value and its unit."""

    analyte: Analyte
    value: forms.BoundField
    unit: forms.BoundField


class LabEntryForm(PastForm):
    """The values of one specimen. What is left empty was not measured."""

    at = MomentField(label=_("Taken"), required=False, help_text=NOW_WHEN_EMPTY)
    order = forms.CharField(label=_("Laboratory number"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A field for the value and the unit of every analyte."""
        super().__init__(*args, **kwargs)
        for code, analyte in CATALOG.items():
            value = forms.CharField(label=str(analyte.label), max_length=20, required=False)
            value.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
            unit = forms.ChoiceField(
                label=_("Unit of %(name)s") % {"name": analyte.label},
                choices=[(each, unit_text(each)) for each in analyte.units],
                initial=analyte.unit,
                required=False,
            )
            self.fields[f"value_{code}"], self.fields[f"unit_{code}"] = value, unit

    def clean(self) -> dict[str, Any]:
        """Every value must be a possible number in its unit; one at least is given."""
        given = super().clean()
        self.results: list[LabResult] = []
        for code, analyte in CATALOG.items():
            text = given.get(f"value_{code}", "")
            if text and f"unit_{code}" not in self.errors:
                self._read(code, text, given.get(f"unit_{code}") or analyte.unit)
        if not self.results and not self.errors:
            self.add_error(None, _("Give at least one value."))
        return given

    def _read(self, code: str, text: str, unit: str) -> None:
        amount = amount_of(text)
        if amount is None:
            self.add_error(f"value_{code}", _("Give a number such as 12.5 or <0.5."))
            return
        result = LabResult(analyte=code, value=amount.number, unit=unit, comparator=amount.comparator)
        try:
            checked(result)
        except Invalid as refusal:
            self.add_error(f"value_{code}", refusal.message)
            return
        self.results.append(result)

    def entry(self) -> LabEntry:
        """What was typed, for the service."""
        given = self.cleaned_data
        return LabEntry(results=tuple(self.results), order=given["order"], note=given["note"])

    def groups(self) -> Iterator[tuple[str | Promise, list[EntryLine]]]:
        """The analytes by group, in the order of the catalog."""
        for group in AnalyteGroup:
            lines = [
                EntryLine(analyte, self[f"value_{code}"], self[f"unit_{code}"])
                for code, analyte in CATALOG.items()
                if analyte.group == group
            ]
            yield group.label, lines


class LabCorrectForm(LabEntryForm):
    """The right values of a specimen, and what was wrong."""

    reason = forms.CharField(label=_("What was wrong"), max_length=400)

    def __init__(self, *args: Any, wrong: LabSet, was: Mapping[str, LabResult], **kwargs: Any) -> None:
        """Begin with what the set says, in the units it was given in."""
        initial: dict[str, Any] = {"at": wrong.taken_at, "order": wrong.order, "note": wrong.note}
        for code, result in was.items():
            initial[f"value_{code}"] = f"{result.comparator}{number_text(result.value)}"
            initial[f"unit_{code}"] = result.unit
        super().__init__(*args, initial=initial, **kwargs)
        self.was = was

    def entry(self) -> LabEntry:
        """What was typed; the limits that the laboratory gave stay with values of the same unit."""
        return replace(super().entry(), results=tuple(self._with_limits(each) for each in self.results))

    def _with_limits(self, result: LabResult) -> LabResult:
        was = self.was.get(result.analyte)
        if was is None or was.unit != result.unit:
            return result
        return replace(result, low=was.low, high=was.high)


class LabImportForm(PastForm):
    """A table, a CSV file or HL7 messages; the time is for tables whose lines name none."""

    text = forms.CharField(
        label=_("Paste a table or HL7 messages"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    file = forms.FileField(label=_("Or choose a file"), required=False)
    at = MomentField(label=_("Taken"), required=False, help_text=_("For values whose line names no time."))
    is_file = forms.BooleanField(required=False, widget=forms.HiddenInput)
    replaces = forms.BooleanField(label=_("Replace recorded values that differ"), required=False)

    def clean(self) -> dict[str, Any]:
        """One of text and file, and not too much of it."""
        given = super().clean()
        chosen = given.get("file")
        if chosen is not None:
            given["text"], given["is_file"] = self._content(chosen), True
        if not given.get("text", "").strip() and not self.errors:
            self.add_error("text", _("Paste something, or choose a file."))
        if len(given.get("text", "")) > MOST_BYTES:
            self.add_error("text", _("This is too long: import it in parts."))
        return given

    def _content(self, chosen: "UploadedFile[bytes]") -> str:
        if (chosen.size or 0) > MOST_BYTES:
            self.add_error("file", _("This is too long: import it in parts."))
            return ""
        raw: bytes = chosen.read()
        if b"\0" in raw:
            self.add_error("file", _("This is not a text file."))
            return ""
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What older laboratory systems write; every byte means something there.
            return raw.decode("cp1252", errors="replace")


class HyperinflammationForm(PastForm):
    """What a clinician concludes about IEC-HS. What is left open is unknown."""

    at = MomentField(label=_("Considered"), required=False, help_text=NOW_WHEN_EMPTY)
    onset_as_crs_resolves = YesNoUnknownField(label=_("Began as CRS was resolving, or worsened after it"))
    hemophagocytosis = YesNoUnknownField(label=_("Hemophagocytosis in marrow or tissue"))
    other_explanation = YesNoUnknownField(label=_("Infection, CRS or progression explains it"))
    decision = ButtonsField(HyperinflammationDecision.choices, label=_("Conclusion"), required=True)
    grade = ButtonsField(GRADES, label=_("Grade you give"), coerce=int)
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def details(self) -> HyperinflammationDetails:
        """What was concluded, for the service."""
        given: Mapping[str, Any] = self.cleaned_data
        return HyperinflammationDetails(
            decision=given["decision"],
            grade=given.get("grade"),
            hemophagocytosis=given.get("hemophagocytosis"),
            onset_as_crs_resolves=given.get("onset_as_crs_resolves"),
            other_explanation=given.get("other_explanation"),
            note=given["note"],
        )


def unit_text(unit: str) -> str:
    """A UCUM unit as people write it."""
    shown: Sequence[tuple[str, str]] = (
        ("10*", "10^"),
        ("{FEU}", " FEU"),
        ("{INR}", "INR"),
        ("{cells}", ""),
        ("k[IU]", "kIU"),
        ("uL", "µL"),
        ("umol", "µmol"),
        ("ug", "µg"),
        ("ukat", "µkat"),
        ("meq", "mEq"),
        ("10^9", "10⁹"),
        ("10^3", "10³"),
        ("10^6", "10⁶"),
    )
    for code, text in shown:
        unit = unit.replace(code, text)
    return "" if unit == "1" else unit
