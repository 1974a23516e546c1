"""The room that names the calculators."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalculatorsConfig(AppConfig):
    """Names and input shapes for the pure rules of all stages; no tables."""

    name = "cartpath.calculators"
    verbose_name = _("Calculators")
