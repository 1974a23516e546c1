"""Refusals that several services raise, each in one place."""

from django.utils.translation import gettext as _

from cartpath.core.errors import Conflict


def slot_taken() -> Conflict:
    """Somebody else has the slot, or it is blocked."""
    return Conflict("slot_taken", _("This slot was taken meanwhile. Choose another one."))


def machine_busy(name: str) -> Conflict:
    """The machine is in use for part of the time."""
    sentence = _("%(name)s is taken for part of that time. Choose another slot or machine.") % {"name": name}
    return Conflict("resource_busy", sentence, fields={"part": "machine"})


def machine_kept_back(name: str) -> Conflict:
    """Somebody blocked a slot of the machine in that time."""
    sentence = _("%(name)s is kept back for part of that time. Choose another slot or machine.")
    return Conflict("resource_busy", sentence % {"name": name}, fields={"part": "machine"})


def patient_booked() -> Conflict:
    """The child has a booking."""
    return Conflict("patient_busy", _("This child already has a live apheresis booking. Cancel it first."))


def patient_held() -> Conflict:
    """The child has a hold."""
    return Conflict("patient_busy", _("A slot is held for this child. Confirm or release it first."))


def not_booked() -> Conflict:
    """The booking was canceled or is done."""
    return Conflict("not_booked", _("This booking is no longer live."))


def hold_expired() -> Conflict:
    """The hold's time was over."""
    return Conflict("hold_expired", _("The hold has ended: its time was over. Choose a slot again."))


def not_held() -> Conflict:
    """There is nothing to confirm or to release."""
    return Conflict("not_held", _("This is no hold."))
