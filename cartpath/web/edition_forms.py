"""Forms of a working copy: begin, approve, add, publish; and the mark of what a person has seen of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from typing import Any, Final

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _

from cartpath.core.clinical_fields import CodeField
from cartpath.protocols.apply import rows_by_id
from cartpath.protocols.editions import MOST_ID
from cartpath.protocols.immune_rows import SerumLimit
from cartpath.protocols.models import ProtocolEdition
from cartpath.protocols.rows import Criterion, Row, WashoutRule
from cartpath.protocols.schema import Protocol
from cartpath.protocols.sections import ChecklistItem, CollectionTarget, Observation, Restriction
from cartpath.web.protocol_forms import AddForm, reason_field

_DIGITS: Final = 12
_PREFIX: Final = "center_"


@dataclass(frozen=True, slots=True)
class Addable:
    """A kind of row that a page lets a center add: where it goes, and which of its fields are asked for.

    `fixed` are fields that no page asks for.
    """

    section: str
    row_type: type[Row]
    names: tuple[str, ...]
    fixed: tuple[tuple[str, object], ...] = ()


_DAYS: Final = ("valid_from", "valid_to")
ADDABLE: Final[dict[str, Addable]] = {
    # CARTPath can only judge what it knows, so a criterion of the center's own is judged by a person.
    "criterion": Addable(
        "eligibility",
        Criterion,
        ("label", "rule", "severity", "valid_days", *_DAYS),
        (("assessed", "person"),),
    ),
    "washout": Addable(
        "washouts.rules",
        WashoutRule,
        ("drug_class", "label", "hours", "days", "or_half_lives", "none", *_DAYS),
    ),
    "target": Addable(
        "collection.targets",
        CollectionTarget,
        ("quantity", "label", "op", "value", "unit", "severity", *_DAYS),
    ),
    "checklist": Addable("infusion.checklist", ChecklistItem, ("label", "phase", "severity", *_DAYS)),
    "observation": Addable("monitoring.observations", Observation, ("label", "schedule", "step_up", *_DAYS)),
    "restriction": Addable("monitoring.restrictions", Restriction, ("label", "kind", "days", *_DAYS)),
    # Limits of immunoglobulins differ between laboratories, so none ships.
    "serum_limit": Addable(
        "follow_up.immune.serum_limits",
        SerumLimit,
        ("serum", "label", "below_mg_dl", "from_years", "below_years", *_DAYS),
    ),
}


def add_form(kind: str, *args: Any) -> AddForm:
    """The form that adds a row of a kind."""
    wanted = ADDABLE[kind]
    return AddForm(*args, row_type=wanted.row_type, names=wanted.names)


def new_row(kind: str, form: AddForm, protocol: Protocol) -> dict[str, Any]:
    """What the form makes of a new row, with a name that no other row of the protocol has."""
    values = form.values()
    return {**dict(ADDABLE[kind].fixed), **values, "id": free_id(str(values.get("label", kind)), protocol)}


def free_id(label: str, protocol: Protocol) -> str:
    """A name for a row made of its words, such as `center_no_active_infection`."""
    words = slugify(label).replace("-", "_") or "row"
    stem = f"{_PREFIX}{words}"[: MOST_ID - 4].rstrip("_")
    taken = rows_by_id(protocol)
    number = 1
    while (name := stem if number == 1 else f"{stem}_{number}") in taken:
        number += 1
    return name


class StartForm(forms.Form):
    """Begins a working copy on a shipped version."""

    base_version = CodeField([], label="")

    def __init__(self, *args: Any, versions: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest_first = [(each, _("version %(version)s") % {"version": each}) for each in versions]
        self.fields["base_version"] = forms.ChoiceField(
            label=_("Built on the shipped version"), choices=newest_first, initial=versions[0]
        )


class ApproveForm(forms.Form):
    """Approves drafts, several at once, for one reason."""

    rows = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, rows: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rows"] = forms.MultipleChoiceField(
            label=_("Rules to approve"),
            choices=[(row_id, row_id) for row_id in rows],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one rule.")},
        )
        self.fields["reason"] = reason_field()


class ReasonForm(forms.Form):
    """One reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = reason_field()


# --- What a person has seen ----------------------------------------------------------------------------


def seen_mark(edition: ProtocolEdition) -> str:
    """What there is of a working copy, so that a form can tell on which state of it a decision was made."""
    marks = [f"{row_id}={digest}" for row_id, digest in _digests(edition).items()]
    return "|".join([str(edition.pk), *marks])


def is_same_copy(edition: ProtocolEdition, seen: str) -> bool:
    """Whether the mark is one of this working copy, and not of one before it."""
    return seen.partition("|")[0] == str(edition.pk)


def changed_since(edition: ProtocolEdition, seen: str) -> list[str]:
    """The rows about which somebody decided after the mark was made, or took a decision back."""
    known = dict(mark.rpartition("=")[::2] for mark in seen.split("|")[1:])
    now = _digests(edition)
    rows = dict.fromkeys([*now, *known])
    return [row_id for row_id in rows if known.get(row_id) != now.get(row_id)]


def _digests(edition: ProtocolEdition) -> dict[str, str]:
    """A short digest of what was decided about each row."""
    decided = [*edition.changes, *edition.left_out]
    return {
        each["row_id"]: sha256(dumps(each, sort_keys=True).encode()).hexdigest()[:_DIGITS] for each in decided
    }
