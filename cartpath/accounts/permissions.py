"""The one table of what each role may do. Enforcement and tests both read it; nothing else decides."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cartpath.accounts.enums import Role


class Permission(models.TextChoices):
    """An act that somebody may or may not do in a center."""

    ENTER = "enter", _("Open the home page, notices and protocols")
    VIEW_PATIENTS = "view_patients", _("See patients and their journeys")
    VIEW_LEDGER = "view_ledger", _("Read the ledger")
    EDIT_PATIENT = "edit_patient", _("Change a patient's details, measurements and contacts")
    REFER = "refer", _("Register a referral")
    ASSESS_ELIGIBILITY = "assess_eligibility", _("Assess and waive eligibility criteria")
    DECIDE_REFERRAL = "decide_referral", _("Accept, defer or decline a referral")
    APPROVE_RULES = "approve_rules", _("Decide about the center's own protocol editions")
    MOVE_PROTOCOL = "move_protocol", _("Move a journey to another protocol version")
    RECORD_CONSENT = "record_consent", _("Record consent and assent")
    CLOSE_JOURNEY = "close_journey", _("Close a journey")
    BOOK_APHERESIS = "book_apheresis", _("Book and cancel apheresis")
    OVERRIDE_WASHOUT = "override_washout", _("Book although a washout is open")
    MANAGE_OPENING = "manage_opening", _("Enter closures, exceptional openings and quotas")
    MANAGE_RESOURCES = "manage_resources", _("Add and change the resources of a center")
    RECORD_COLLECTION = "record_collection", _("Record a collection")
    ORDER_PRODUCT = "order_product", _("Order a product and record its milestones")
    RELEASE_PRODUCT = "release_product", _("Release a product or report it out of specification")
    DECIDE_OUT_OF_SPECIFICATION = (
        "decide_out_of_specification",
        _("Decide on an out-of-specification product"),
    )
    RECEIVE_PRODUCT = "receive_product", _("Receive and thaw a product")
    RECORD_LYMPHODEPLETION = "record_lymphodepletion", _("Record lymphodepletion")
    WAIVE_LYMPHODEPLETION = "waive_lymphodepletion", _("Decide to go without lymphodepletion")
    CONFIRM_INFUSION = "confirm_infusion", _("Work the infusion checklist and record the infusion")
    DECIDE_FRACTION = "decide_fraction", _("Go on with a split dose against its gate, or stop it")
    ASSESS_TOXICITY = "assess_toxicity", _("Record toxicity and interventions")
    OBSERVE = "observe", _("Record observations at the bedside")
    RECORD_LABORATORY = "record_laboratory", _("Record and import laboratory values")
    ANSWER_ALERT = "answer_alert", _("Acknowledge an alert")
    HAND_OVER = "hand_over", _("Write hand-over sheets")
    WRITE_DISCHARGE = "write_discharge", _("Write discharge summaries")
    SET_CHECKS = "set_checks", _("Change how often a child is checked")
    SIGN_GRADE = "sign_grade", _("Confirm or override a grade")
    END_MONITORING = "end_monitoring", _("End acute monitoring")
    KEEP_WORDING = "keep_wording", _("Enter the center's licensed wording of CAPD")
    KEEP_LABORATORY_CODES = "keep_laboratory_codes", _("Say what the laboratory's own codes mean")
    RECORD_CUSTODY = "record_custody", _("Record and sign hand-overs of cells and products")
    RELEASE_QUARANTINE = "release_quarantine", _("Lift a quarantine and close breaks of custody")
    SET_SIGNATURES = "set_signatures", _("Say how many people sign each step of custody")
    PRINT_LABELS = "print_labels", _("Print labels and account for them")
    RECORD_QUALITY = "record_quality", _("Record results of quality control")
    RECORD_BRIDGING = "record_bridging", _("Record bridging therapy")
    HOLD_INFUSION = "hold_infusion", _("Put the infusion on hold and go on")
    OVERRIDE_STOP = "override_stop", _("Go on against a hard stop of the checklist")
    VERIFY_LEDGER = "verify_ledger", _("Replay the ledger and print the custody report")
    TAKE_DOWNTIME_PACK = "take_downtime_pack", _("Take the pack for downtime")
    RECORD_VISIT = "record_visit", _("Record follow-up visits")
    WORK_REMINDERS = "work_reminders", _("Acknowledge and complete reminders")
    ADMINISTER = "administer", _("Administer users, centers and machines")


_C, _D, _N, _W, _L, _U, _A = (
    Role.COORDINATOR,
    Role.CLINICIAN,
    Role.APHERESIS_NURSE,
    Role.WARD_NURSE,
    Role.CELL_LAB,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

ROLES_FOR: dict[Permission, frozenset[Role]] = {
    Permission.ENTER: frozenset(Role),
    Permission.VIEW_PATIENTS: frozenset({_C, _D, _N, _W, _L, _U}),
    Permission.VIEW_LEDGER: frozenset({_C, _D, _N, _W, _L, _U}),
    Permission.EDIT_PATIENT: frozenset({_C, _D, _N, _W}),
    Permission.REFER: frozenset({_C, _D}),
    Permission.ASSESS_ELIGIBILITY: frozenset({_D}),
    Permission.DECIDE_REFERRAL: frozenset({_D}),
    Permission.APPROVE_RULES: frozenset({_D}),
    Permission.MOVE_PROTOCOL: frozenset({_D}),
    Permission.RECORD_CONSENT: frozenset({_C, _D}),
    Permission.CLOSE_JOURNEY: frozenset({_C, _D}),
    Permission.BOOK_APHERESIS: frozenset({_C, _N}),
    Permission.OVERRIDE_WASHOUT: frozenset({_C, _D}),
    Permission.MANAGE_OPENING: frozenset({_C, _A}),
    Permission.MANAGE_RESOURCES: frozenset({_A}),
    Permission.RECORD_COLLECTION: frozenset({_N, _L}),
    Permission.ORDER_PRODUCT: frozenset({_C, _L}),
    Permission.RELEASE_PRODUCT: frozenset({_L}),
    Permission.DECIDE_OUT_OF_SPECIFICATION: frozenset({_D}),
    Permission.RECEIVE_PRODUCT: frozenset({_L}),
    Permission.RECORD_LYMPHODEPLETION: frozenset({_D, _N}),
    Permission.WAIVE_LYMPHODEPLETION: frozenset({_D}),
    Permission.CONFIRM_INFUSION: frozenset({_D, _N, _W}),
    Permission.DECIDE_FRACTION: frozenset({_D}),
    Permission.OBSERVE: frozenset({_D, _N, _W}),
    Permission.RECORD_LABORATORY: frozenset({_D, _N, _W, _L}),
    Permission.ANSWER_ALERT: frozenset({_D, _N, _W}),
    Permission.HAND_OVER: frozenset({_D, _N, _W}),
    Permission.WRITE_DISCHARGE: frozenset({_D}),
    Permission.SET_CHECKS: frozenset({_D}),
    Permission.ASSESS_TOXICITY: frozenset({_D, _N, _W}),
    Permission.SIGN_GRADE: frozenset({_D}),
    Permission.END_MONITORING: frozenset({_D}),
    Permission.KEEP_WORDING: frozenset({_D, _A}),
    Permission.KEEP_LABORATORY_CODES: frozenset({_D, _A}),
    Permission.RECORD_CUSTODY: frozenset({_C, _D, _N, _W, _L}),
    Permission.RELEASE_QUARANTINE: frozenset({_D, _L}),
    Permission.SET_SIGNATURES: frozenset({_L, _A}),
    Permission.PRINT_LABELS: frozenset({_N, _L}),
    Permission.RECORD_QUALITY: frozenset({_L}),
    Permission.RECORD_BRIDGING: frozenset({_C, _D, _N}),
    Permission.HOLD_INFUSION: frozenset({_D, _N}),
    Permission.OVERRIDE_STOP: frozenset({_D}),
    Permission.VERIFY_LEDGER: frozenset({_C, _L, _U, _A}),
    Permission.TAKE_DOWNTIME_PACK: frozenset({_C, _D, _N, _W, _L}),
    Permission.RECORD_VISIT: frozenset({_C, _D}),
    Permission.WORK_REMINDERS: frozenset({_C, _D, _N, _W, _L}),
    Permission.ADMINISTER: frozenset({_A}),
}

# Whoever holds one of these may do all that the other may; the roles differ in when they are told.
SENIORS = {_W: frozenset({Role.CHARGE_NURSE}), _D: frozenset({Role.REGISTRAR, Role.ATTENDING})}
ROLES_FOR = {
    permission: roles.union(*(SENIORS.get(role, frozenset()) for role in roles))
    for permission, roles in ROLES_FOR.items()
}


def may(roles: frozenset[str], permission: Permission) -> bool:
    """Whether somebody who holds `roles` in a center may do `permission` there."""
    return not ROLES_FOR[permission].isdisjoint(roles)
