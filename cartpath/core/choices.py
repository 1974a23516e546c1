"""Codes from fixed lists, and the refusal of a code that is not in its list."""

from django.db.models import TextChoices
from django.utils.translation import gettext as _

from cartpath.core.errors import Invalid


def unknown_choice(field: str, choices: type[TextChoices]) -> Invalid:
    """The refusal of a code that is not in a list; it names the codes that are."""
    known = ", ".join(choices.values)
    return Invalid(
        "invalid_input",
        _("“%(field)s” has an unknown value.") % {"field": field},
        fields={field: _("Choose from: %(known)s.") % {"known": known}},
    )
