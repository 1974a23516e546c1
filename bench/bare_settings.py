"""Settings of the yardstick: the project's own database settings, no middleware, nothing else."""

from cartpath.settings import DATABASES, DEFAULT_AUTO_FIELD, SECRET_KEY, USE_TZ

__all__ = ["DATABASES", "DEFAULT_AUTO_FIELD", "SECRET_KEY", "USE_TZ"]

ALLOWED_HOSTS = ["127.0.0.1"]
AUTH_USER_MODEL = "accounts.User"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "cartpath.accounts",
    "cartpath.protocols",
    "cartpath.ledger",
    "patients",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.bare"
