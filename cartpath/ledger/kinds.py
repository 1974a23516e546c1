"""Every kind of fact the ledger can hold. The words are a contract: journey files use them too."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    """What happened."""

    REFERRED = "referred", _("Referred")
    TREATMENT_RECORDED = "treatment_recorded", _("Previous treatment recorded")
    MEASURED = "measured", _("Weight and height measured")
    ELIGIBILITY_ASSESSED = "eligibility_assessed", _("Eligibility criterion assessed")
    PATIENT_CHANGED = "patient_changed", _("Patient's details changed")
    CONTACT_RECORDED = "contact_recorded", _("Contact recorded")
    CONSENT_RECORDED = "consent_recorded", _("Consent recorded")
    ACCEPTED = "accepted", _("Accepted")
    DEFERRED = "deferred", _("Deferred")
    STAGE_CHANGED = "stage_changed", _("Stage changed")
    CLOSED = "closed", _("Closed")
    ENTERED_IN_ERROR = "entered_in_error", _("Entered in error")
    APHERESIS_BOOKED = "apheresis_booked", _("Apheresis booked")
    APHERESIS_CANCELED = "apheresis_canceled", _("Apheresis canceled")
    COLLECTION_DAY_RECORDED = "collection_day_recorded", _("Collection day recorded")
    COLLECTION_COMPLETED = "collection_completed", _("Collection completed")
    PRODUCT_ORDERED = "product_ordered", _("Product ordered")
    MANUFACTURING_MILESTONE = "manufacturing_milestone", _("Manufacturing milestone")
    PRODUCT_RELEASED = "product_released", _("Product released")
    OUT_OF_SPECIFICATION_REPORTED = "out_of_specification_reported", _("Out of specification reported")
    OUT_OF_SPECIFICATION_DECIDED = "out_of_specification_decided", _("Out of specification decided")
    PRODUCT_RECEIVED = "product_received", _("Product received")
    MANUFACTURING_FAILED = "manufacturing_failed", _("Manufacturing failed")
    LYMPHODEPLETION_GIVEN = "lymphodepletion_given", _("Lymphodepletion given")
    LYMPHODEPLETION_WAIVED = "lymphodepletion_waived", _("Lymphodepletion waived")
    CHECKLIST_ITEM_RECORDED = "checklist_item_recorded", _("Checklist item recorded")
    IDENTITY_VERIFIED = "identity_verified", _("Identity verified by two people")
    THAW_STARTED = "thaw_started", _("Thaw started")
    INFUSED = "infused", _("Infused")
    TOXICITY_ASSESSED = "toxicity_assessed", _("Toxicity assessed")
    INTERVENTION_GIVEN = "intervention_given", _("Intervention given")
    ACUTE_MONITORING_ENDED = "acute_monitoring_ended", _("Acute monitoring ended")
    VISIT_RECORDED = "visit_recorded", _("Visit recorded")
    VISIT_SKIPPED = "visit_skipped", _("Visit skipped")
    TRANSPLANTED = "transplanted", _("Transplanted")
    RELAPSED = "relapsed", _("Relapsed")
    DIED = "died", _("Died")
    REMINDER_ACKNOWLEDGED = "reminder_acknowledged", _("Reminder acknowledged")
    REMINDER_COMPLETED = "reminder_completed", _("Reminder completed")
