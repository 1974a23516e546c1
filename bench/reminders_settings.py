"""Settings of `bench.reminders`: the project's own, but mail goes nowhere and is accepted at once."""

from cartpath.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
