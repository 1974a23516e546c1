"""Forms of custody: what a person types or scans, turned into the services' inputs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.models import User
from cartpath.core.clinical_fields import ButtonsField, CellsField, CodeField, MeasureField
from cartpath.core.errors import Invalid
from cartpath.core.fields import MomentField
from cartpath.core.forms import PastForm
from cartpath.core.said import said_text
from cartpath.core.widgets import ButtonChoice
from manufacturing.custody.inputs import ItemDetails, StepDetails, StoredWhere
from manufacturing.custody.rules import ScanRead
from manufacturing.custody.rules.steps import STORING, WARM
from manufacturing.custody.rules.typed import numbers_read
from manufacturing.custody.signing import Signature
from manufacturing.custody.words import (
    ChangeReason,
    Condition,
    Document,
    Fate,
    ItemKind,
    Meaning,
    Scheme,
)
from manufacturing.models import CustodyItem
from patients.signature import second_signature

NOW_WHEN_EMPTY: Final = _("Empty means now.")
_PLAIN: Final = (*("from_", "to", "place", "position", "logger", "seal", "condition", "note", "coi", "fate"),)
NUMBERS: Final = "numbers"
TEXT: Final = "text"


def _line(label: Any, length: int = 120, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **options)


def celsius_field(label: Any) -> MeasureField:
    """A temperature."""
    return MeasureField(label=label, unit="°C", low=-273, high=100, places=1, required=False)


class ItemsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Items of one journey, each by what people call it."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: CustodyItem) -> str:
        """Kind and numbers."""
        return f"{obj.get_kind_display()} {obj.label}"


class ItemField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One item of a journey."""

    def label_from_instance(self, obj: CustodyItem) -> str:
        """Kind and numbers."""
        return f"{obj.get_kind_display()} {obj.label}"


class StepForm(PastForm):
    """One hand-over of one or several items; the fields are those that the step has."""

    items = ItemsField(label=_("Items"), queryset=CustodyItem.objects.none())
    scans = forms.CharField(
        label=_("Scanned codes"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("One item a line, by scanner or typed. When anything is scanned, each item must be."),
    )
    at = MomentField(label=_("Time"), required=False, help_text=NOW_WHEN_EMPTY)
    from_ = _line(_("From"), help_text=_("Leave empty for whoever holds it now."))
    to = _line(_("To"))
    place = _line(_("Place"))
    position = _line(_("Storage position"), 80)
    temp_min_c = celsius_field(_("Lowest temperature"))
    temp_max_c = celsius_field(_("Highest temperature"))
    logger = _line(_("Temperature logger"), 60)
    seal = _line(_("Seal number"), 60)
    coi = _line(_("Chain of identity on the papers"), 60)
    condition = ButtonsField(Condition.choices, label=_("Condition"))
    documents = forms.MultipleChoiceField(
        label=_("Documents"), choices=Document.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    fate = ButtonsField(Fate.choices, label=_("What became of it"), required=True)
    note = _line(_("Note"), 400)

    signers: Sequence[User]

    def __init__(
        self,
        *args: Any,
        step: str,
        items: Sequence[CustodyItem],
        wanted: int,
        request: HttpRequest,
        **kwargs: Any,
    ) -> None:
        """The items for which this step comes next, and as many signatures as the center asks for."""
        super().__init__(*args, **kwargs)
        self.request, self.wanted = request, wanted
        chosen: Any = self.fields["items"]
        chosen.queryset = CustodyItem.objects.filter(pk__in=[item.pk for item in items]).order_by("number")
        for name in self._needless(step):
            del self.fields[name]
        if step in STORING:
            self.fields["position"].required = True
        for number in range(1, wanted + 1):
            self._add_signer(number)

    @staticmethod
    def _needless(step: str) -> list[str]:
        needless = [] if step in STORING else ["position"]
        if step in WARM:
            needless += ["temp_min_c", "temp_max_c", "logger"]
        if step != "leftover_handled":
            needless.append("fate")
        if step in ("label_applied", "qc_sampled", "thaw_ended", "leftover_handled"):
            needless += ["coi", "documents"]
        return needless

    def _add_signer(self, number: int) -> None:
        self.fields[f"signer_{number}"] = forms.EmailField(
            label=_now("Person %(number)d, e-mail address") % {"number": number},
            widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        )
        self.fields[f"password_{number}"] = forms.CharField(
            label=_now("Person %(number)d, password") % {"number": number},
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        )
        self.fields[f"meaning_{number}"] = CodeField(
            Meaning.choices, label=_now("Person %(number)d signs that") % {"number": number}
        )

    def clean_scans(self) -> tuple[ScanRead, ...]:
        """What was scanned, item by item."""
        return tuple(_read(line) for line in self.cleaned_data["scans"].splitlines() if line.strip())

    def clean(self) -> dict[str, Any]:
        """Find each signer by address and password, once everything else is right."""
        super().clean()
        if not self.errors:
            self.signers = [person for number in range(1, self.wanted + 1) if (person := self._sign(number))]
        return self.cleaned_data

    def _sign(self, number: int) -> User | None:
        given = self.cleaned_data
        try:
            return second_signature(
                self.request, email=given[f"signer_{number}"], password=given[f"password_{number}"]
            )
        except ValidationError as refusal:
            self.add_error(f"password_{number}", refusal)
            return None

    def signatures(self) -> list[Signature]:
        """Who signed, for the service."""
        return [
            Signature(person, self.cleaned_data[f"meaning_{number}"], self.now)
            for number, person in enumerate(self.signers, start=1)
        ]

    def details(self) -> StepDetails:
        """The hand-over, for the service."""
        given = self.cleaned_data
        told: dict[str, Any] = {name: given.get(name) or "" for name in _PLAIN}
        return StepDetails(
            **told,
            temp_min_c=given.get("temp_min_c"),
            temp_max_c=given.get("temp_max_c"),
            documents=tuple(given.get("documents") or ()),
            reads=given["scans"],
        )


def _read(line: str) -> ScanRead:
    """Numbers of ISBT 128; a line that can't be any is the manufacturer's own text."""
    try:
        return numbers_read(line)
    except Invalid:
        return ScanRead(text=line.strip())


class ItemsForm(PastForm):
    """Bags of the product or samples, one a line, with what they share."""

    kind = forms.ChoiceField(
        label=_("What is taken in"),
        choices=[(kind.value, kind.label) for kind in (ItemKind.PRODUCT_BAG, ItemKind.SAMPLE)],
        initial=ItemKind.PRODUCT_BAG,
        widget=ButtonChoice,
    )
    written = forms.ChoiceField(
        label=_("On them stands"),
        choices=[(NUMBERS, "ISBT 128"), (TEXT, _("The manufacturer's own text"))],
        initial=NUMBERS,
        widget=ButtonChoice,
    )
    bags = forms.CharField(
        label=_("Bags or samples"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "One a line, by scanner or typed: donation number, then product code with type and division."
        ),
    )
    coi = _line(_("Chain of identity on the bags"), 60)
    lot = _line(_("Lot"), 60, help_text=_("Leave empty for the lot of the certificate."))
    expires_at = MomentField(
        label=_("Expires"), required=False, help_text=_("Leave empty for the day on the certificate.")
    )
    volume_ml = MeasureField(
        label=_("Volume of each bag"), unit="mL", low=0.1, high=10_000, places=1, required=False
    )
    car_positive_viable_cells = CellsField(
        label=_("CAR-positive viable cells in each bag"),
        exponent=6,
        low=0.001,
        high=100_000,
        places=3,
        required=False,
    )
    place = _line(_("Place"))
    position = _line(_("Storage position"), 80)
    at = MomentField(label=_("Taken into custody"), required=False, help_text=NOW_WHEN_EMPTY)

    def __init__(self, *args: Any, has_product: bool, **kwargs: Any) -> None:
        """Before there is a product only samples are taken in."""
        super().__init__(*args, **kwargs)
        if not has_product:
            kind = self.fields["kind"]
            kind.choices = [(ItemKind.SAMPLE.value, ItemKind.SAMPLE.label)]  # type: ignore[attr-defined]
            kind.initial = ItemKind.SAMPLE

    def clean(self) -> dict[str, Any]:
        """An expiry is still to come, so that only the other times must have passed."""
        expires_at: datetime | None = self.cleaned_data.pop("expires_at", None)
        super().clean()
        self.cleaned_data["expires_at"] = expires_at
        if "bags" in self.cleaned_data and "written" in self.cleaned_data:
            self._read_bags()
        return self.cleaned_data

    def _read_bags(self) -> None:
        lines = [line for line in self.cleaned_data["bags"].splitlines() if line.strip()]
        if self.cleaned_data["written"] == TEXT:
            self.reads = [ScanRead(text=line.strip()) for line in lines]
            return
        self.reads = []
        for line in lines:
            try:
                self.reads.append(numbers_read(line))
            except Invalid as refused:
                for sentence in refused.fields.values():
                    self.add_error("bags", f"{line.strip()}: {said_text(sentence)}")

    def details(self) -> list[ItemDetails]:
        """The bags, for the service."""
        given = self.cleaned_data
        return [
            ItemDetails(
                din=read.din,
                product_code=read.product_code,
                collection_type=read.collection_type,
                division=read.division,
                text=read.text,
                coi=read.coi or given["coi"],
                lot=given["lot"],
                expires_at=given["expires_at"],
                volume_ml=given["volume_ml"],
                car_positive_viable_cells=given["car_positive_viable_cells"],
            )
            for read in self.reads
        ]

    def where(self) -> StoredWhere:
        """Where they lie, for the service."""
        return StoredWhere(place=self.cleaned_data["place"], position=self.cleaned_data["position"])


class IdentityForm(forms.Form):
    """The identifier of the chain; why it changes is asked once there is one."""

    scheme = ButtonsField(Scheme.choices, label=_("Form"), required=True)
    identifier = forms.CharField(label=_("Identifier"), max_length=80)
    reason = CodeField(ChangeReason.choices, label=_("Why it changes"))

    def __init__(self, *args: Any, is_change: bool, **kwargs: Any) -> None:
        """A first identifier needs no reason."""
        super().__init__(*args, **kwargs)
        if not is_change:
            del self.fields["reason"]
