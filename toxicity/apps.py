from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ToxicityConfig(AppConfig):
    name = "toxicity"
    verbose_name = _("Toxicity")
