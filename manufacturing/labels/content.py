"""From rows to what is drawn: the facts of an item, and the words on its label."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid
from cartpath.core.said import said_text
from manufacturing.labels.rules.content import LabelContent, LabelFacts, label_content
from manufacturing.labels.rules.layout import Mark, Wording, marks, wristband_marks
from manufacturing.models import ChainOfIdentity, CustodyItem, Label, LabelSetting, ProductWords
from patients.models import Journey

_PRINTABLE: Final = range(32, 127)


def facts_of(item: CustodyItem) -> LabelFacts:
    """What is known of an item, for its label; times are those of its center.

    An item that carries no identity of its own has that of its child's chain.
    """
    expires = item.expires_at
    chain: ChainOfIdentity | None = getattr(item.journey, "chain_of_identity", None)
    return LabelFacts(
        din=item.din,
        product_code=item.product_code,
        collection_type=item.collection_type,
        division=item.division,
        text=item.text,
        coi=item.coi or (chain.identifier if chain else ""),
        lot=item.lot,
        expires_at=expires.astimezone(item.center.zone) if expires else None,
    )


def content_of(item: CustodyItem) -> LabelContent:
    """The codes of an item's label.

    Raises `Invalid` `no_number` for an item that has neither a donation number nor a text, and where one of
    them can't be printed as a code.
    """
    if not item.din and not item.text:
        sentence = _("Item %(number)d has no number yet that a label could carry.") % {"number": item.number}
        raise Invalid("no_number", sentence, fields={"labels": sentence})
    if any(ord(letter) not in _PRINTABLE for letter in item.text):
        sentence = _("The manufacturer's text of item %(number)d holds letters no bar code can carry.")
        raise Invalid(
            "not_printable",
            sentence % {"number": item.number},
            fields={"labels": sentence % {"number": item.number}},
        )
    try:
        return label_content(facts_of(item))
    except Invalid as refusal:
        said = " ".join(said_text(sentence) for sentence in refusal.fields.values())
        raise Invalid("not_printable", said, fields={"labels": said}) from refusal


@dataclass(frozen=True, slots=True)
class Stationery:
    """What a center's labels say beside the item: its setting, and its product codes in words."""

    setting: LabelSetting | None
    product_words: Mapping[str, str]


def stationery_of(center_id: int) -> Stationery:
    """What stands on every label of a center."""
    words = ProductWords.objects.filter(center_id=center_id).values_list("product_code", "words")
    return Stationery(LabelSetting.objects.filter(center_id=center_id).first(), dict(words))


def label_marks(label: Label, stationery: Stationery) -> tuple[Mark, ...]:
    """Everything that is drawn on one label."""
    journey, setting = label.journey, stationery.setting
    if label.wristband is not None:
        return wristband_marks(label.wristband.code, _wording(journey, setting))
    item = label.item
    if item is None:
        raise ValueError("a label is of an item or of a wristband")
    words = _wording(
        journey,
        setting,
        product=stationery.product_words.get(item.product_code, ""),
        lot=_("Lot %(lot)s") % {"lot": item.lot} if item.lot else "",
        volume=_volume(item),
        footer=_footer(label),
    )
    return marks(label.size, content_of(item), words)


def _wording(
    journey: Journey,
    setting: LabelSetting | None,
    *,
    product: str = "",
    lot: str = "",
    volume: str = "",
    footer: str = "",
) -> Wording:
    patient = journey.patient
    return Wording(
        child=str(patient),
        born=_("born %(day)s") % {"day": said_text(patient.birth_date.isoformat())},
        mrn=_("MRN %(mrn)s") % {"mrn": patient.mrn},
        facility=_facility(journey, setting),
        address=setting.address if setting else "",
        product=product,
        lot=lot,
        volume=volume,
        footer=footer,
    )


def _facility(journey: Journey, setting: LabelSetting | None) -> str:
    name = (setting.facility if setting else "") or journey.center.name
    fin = setting.fin if setting else ""
    return f"{fin} {name}" if fin else name


def _volume(item: CustodyItem) -> str:
    if item.volume_ml is None:
        return ""
    return _("Volume %(volume)s mL") % {"volume": number_format(item.volume_ml.normalize())}


def _footer(label: Label) -> str:
    return _("Label %(number)d, copy %(copy)d") % {"number": label.number, "copy": label.copy}
