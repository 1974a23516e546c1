"""The words a protocol file may use. A word outside these lists stops start-up.

`EventWord` repeats the kinds of the ledger: protocols lie below the ledger and can't import it, so a test
of the ledger compares the two lists.
"""

from typing import Final, Literal, get_args

# How sure a rule row is: read in a source, a center's default, waiting for approval, or given up.
Status = Literal["confirmed", "center_default", "draft", "retired"]
Severity = Literal["block", "warn", "info"]
Region = Literal["EU", "US"]
# What a CAR recognizes, and whose cells it is made of.
Antigen = Literal["CD19", "GD2"]
CollectionSource = Literal[
    "autologous_apheresis", "donor_apheresis", "autologous_whole_blood", "donor_whole_blood"
]
Role = Literal["coordinator", "clinician", "apheresis_nurse", "cell_lab", "auditor", "administrator"]

EventWord = Literal[
    "referred",
    "treatment_recorded",
    "measured",
    "eligibility_assessed",
    "patient_changed",
    "contact_recorded",
    "consent_recorded",
    "donor_recorded",
    "accepted",
    "protocol_changed",
    "deferred",
    "stage_changed",
    "closed",
    "entered_in_error",
    "apheresis_booked",
    "apheresis_canceled",
    "collection_day_recorded",
    "collection_completed",
    "product_ordered",
    "manufacturing_milestone",
    "product_released",
    "out_of_specification_reported",
    "out_of_specification_decided",
    "product_received",
    "manufacturing_failed",
    "lymphodepletion_given",
    "lymphodepletion_waived",
    "checklist_item_recorded",
    "identity_verified",
    "thaw_started",
    "infused",
    "fraction_infused",
    "fractions_stopped",
    "finding_recorded",
    "toxicity_assessed",
    "result_confirmed",
    "intervention_given",
    "acute_monitoring_ended",
    "visit_recorded",
    "visit_skipped",
    "transplanted",
    "relapsed",
    "died",
    "reminder_acknowledged",
    "reminder_completed",
    "apheresis_held",
    "apheresis_hold_released",
    "apheresis_moved",
    "apheresis_day_added",
    "apheresis_day_released",
    "apheresis_parts_changed",
    "preparation_recorded",
    "family_away_recorded",
    "waiting_list_joined",
    "waiting_list_changed",
    "waiting_list_left",
    "slot_offered",
    "slot_offer_closed",
    "collection_identity_verified",
    "collection_day_corrected",
    "collection_again",
    "cells_frozen",
    "cryo_bag_changed",
    "reinfused",
    "visit_planned",
    "visit_unplanned",
    "findings_added",
    "infection_recorded",
    "malignancy_suspected",
    "malignancy_step_recorded",
    "malignancy_closed",
    "sample_recorded",
    "therapy_started",
    "therapy_stopped",
    "immunoglobulin_given",
    "vaccine_given",
    "consent_withdrawn",
    "guardian_changed",
    "home_hospital_recorded",
    "hand_over_step_recorded",
    "care_handed_over",
    "contact_attempted",
    "patient_lost",
    "patient_found",
    "letter_made",
    "reminder_snoozed",
]
EVENT_WORDS: Final[tuple[str, ...]] = get_args(EventWord)
