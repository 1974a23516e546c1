from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """An invented center with invented children, built through the services; no tables."""

    name = "cartpath.demo"
    label = "demo"
    verbose_name = _("Demo")
