"""Words of custody: the steps from order to infusion, what is handed over, and why something is wrong."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Step(models.TextChoices):
    """The hand-overs of a treatment, in their order; a break can come at any place."""

    ORDER_ACCEPTED = "order_accepted", _("Order accepted")
    PATIENT_VERIFIED = "patient_verified", _("Patient verified before the collection")
    LABEL_APPLIED = "label_applied", _("Label applied")
    TO_CELL_LAB = "to_cell_lab", _("Handed to the cell laboratory")
    LAB_RECEIPT = "lab_receipt", _("Received by the cell laboratory")
    BAGS_SPLIT = "bags_split", _("Divided into bags")
    CELLS_STORED = "cells_stored", _("Cells stored")
    CELLS_PACKED = "cells_packed", _("Cells taken out and packed")
    COURIER_PICKUP = "courier_pickup", _("Handed to the courier")
    MAKER_RECEIPT = "maker_receipt", _("Received by the manufacturer")
    MANUFACTURE_STARTED = "manufacture_started", _("Manufacture started")
    QC_SAMPLED = "qc_sampled", _("Samples for quality control taken")
    CERTIFICATE_ISSUED = "certificate_issued", _("Release certificate issued")
    PRODUCT_DISPATCHED = "product_dispatched", _("Product dispatched")
    HOSPITAL_RECEIPT = "hospital_receipt", _("Product received by the hospital")
    PRODUCT_STORED = "product_stored", _("Product stored")
    ISSUED_TO_WARD = "issued_to_ward", _("Issued to the ward")
    THAW_STARTED = "thaw_started", pgettext_lazy("custody", "Thaw started")
    THAW_ENDED = "thaw_ended", _("Thaw ended")
    BEDSIDE_CHECK = "bedside_check", _("Checked at the bedside")
    INFUSION_STARTED = "infusion_started", _("Infusion started")
    INFUSION_ENDED = "infusion_ended", _("Infusion ended")
    LEFTOVER_HANDLED = "leftover_handled", _("Rest destroyed or returned")
    BREAK = "break", _("Break of the chain")


class ItemKind(models.TextChoices):
    """What is handed over."""

    COLLECTION = "collection", _("Collected cells")
    CRYO_BAG = "cryo_bag", _("Bag of frozen cells")
    PRODUCT_BAG = "product_bag", _("Bag of the product")
    SAMPLE = "sample", pgettext_lazy("custody", "Sample")


class ItemState(models.TextChoices):
    """Where an item is, or what became of it."""

    HERE = "here", pgettext_lazy("item", "Here")
    DIVIDED = "divided", pgettext_lazy("item", "Divided into bags")
    IN_TRANSIT = "in_transit", pgettext_lazy("item", "In transit")
    AT_MANUFACTURER = "at_manufacturer", pgettext_lazy("item", "At the manufacturer")
    ON_WARD = "on_ward", pgettext_lazy("item", "On the ward")
    THAWED = "thawed", pgettext_lazy("item", "Thawed")
    GIVEN = "given", pgettext_lazy("item", "Given")
    DESTROYED = "destroyed", pgettext_lazy("item", "Destroyed")
    RETURNED = "returned", pgettext_lazy("item", "Returned")


class Scheme(models.TextChoices):
    """Who made a chain-of-identity identifier, and in what form."""

    ISBT128 = "isbt128", "ISBT 128"
    MANUFACTURER = "manufacturer", _("Manufacturer's")
    LOCAL = "local", pgettext_lazy("identifier", "Local")


class ChangeReason(models.TextChoices):
    """Why an identifier is set anew before it is used."""

    MISTYPED = "mistyped", _("Mistyped")
    REISSUED = "reissued", _("Issued anew")
    OTHER_SCHEME = "other_scheme", _("Another form of identifier")


class BreakReason(models.TextChoices):
    """What kind of break of the chain was found."""

    TEMPERATURE = "temperature", _("Temperature out of range")
    MISMATCH = "mismatch", _("Identifiers don't match")
    SEAL = "seal", _("Seal broken or missing")
    DAMAGE = "damage", _("Bag damaged")
    LABEL = "label", _("Label wrong, missing or replaced")
    DOCUMENTS = "documents", _("Documents missing")
    DELAY = "delay", _("Took too long")
    GAP = "gap", _("A hand-over isn't on record")
    OTHER = "other", pgettext_lazy("reason", "Something else")


class BreakOutcome(models.TextChoices):
    """How a break was closed."""

    NO_EFFECT = "no_effect", _("Judged without effect on the cells")
    CORRECTED = "corrected", _("Corrected, and the correction is on record")
    ACCEPTED = "accepted", _("Accepted by a physician against the finding")
    LOST = "lost", _("The cells can't be used any more")
    NOT_A_BREAK = "not_a_break", _("Looked like a break and was none")


class QuarantineReason(models.TextChoices):
    """Why an item must not be used for now."""

    TEMPERATURE = "temperature", _("Temperature out of range")
    MISMATCH = "mismatch", _("Identifiers don't match")
    DAMAGE = "damage", _("Bag damaged")
    RESULT_PENDING = "result_pending", _("A result is still out")
    OUT_OF_SPECIFICATION = "out_of_specification", _("Out of specification, not decided yet")
    RECALLED = "recalled", _("Release withdrawn")
    OTHER = "other", pgettext_lazy("reason", "Something else")


class LiftReason(models.TextChoices):
    """Why a quarantine ends."""

    NO_EFFECT = "no_effect", _("Judged without effect on the cells")
    RESULT_FINE = "result_fine", _("The missing result is in and allows use")
    MANUFACTURER = "manufacturer", _("The manufacturer allows use in writing")
    SET_WRONGLY = "set_wrongly", _("Set by mistake")


class Condition(models.TextChoices):
    """What an item looked like when it was handed over."""

    GOOD = "good", pgettext_lazy("condition", "Intact")
    DOUBTFUL = "doubtful", pgettext_lazy("condition", "Doubtful")
    DAMAGED = "damaged", pgettext_lazy("condition", "Damaged")


class Document(models.TextChoices):
    """The papers that go with an item."""

    CERTIFICATE = "certificate", _("Release certificate")
    TEMPERATURE_LOG = "temperature_log", _("Temperature log")
    DELIVERY_NOTE = "delivery_note", _("Delivery note")
    IDENTITY_SHEET = "identity_sheet", _("Chain-of-identity sheet")
    CUSTOMS = "customs", _("Customs papers")
    OTHER = "other", _("Other papers")


class Fate(models.TextChoices):
    """What became of a rest or of a bag that isn't given."""

    DESTROYED = "destroyed", pgettext_lazy("rest", "Destroyed")
    RETURNED = "returned", pgettext_lazy("rest", "Returned to the manufacturer")


class Meaning(models.TextChoices):
    """What a signature stands for."""

    DONE = "done", pgettext_lazy("signature", "I did this")
    CHECKED = "checked", pgettext_lazy("signature", "I checked this")
    WITNESSED = "witnessed", pgettext_lazy("signature", "I witnessed this")
    RECEIVED = "received", pgettext_lazy("signature", "I received this")
    RELEASED = "released", pgettext_lazy("signature", "I release this")
