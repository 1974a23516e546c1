"""Settings come from typed environment variables only, and are safe when there are none.

An empty environment gives production manners: no debug, secure cookies, no allowed host. `CARTPATH_ENV`
is `production`, `demo` or `test`; only the last two may speak plain HTTP.
"""

import secrets
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import django_stubs_ext
import structlog
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from cartpath.core.celery_config import *  # noqa: F403  (the CELERY_* block, kept in one place)

# Lets `ModelAdmin[Center]` and the like be written as the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """Every variable CARTPath reads, with its type and its safe default."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    cartpath_env: Literal["production", "demo", "test"] = "production"
    database_url: str = "postgresql://cartpath@localhost/cartpath"
    redis_url: str = "redis://localhost:6379/0"
    secret_key: str = ""
    debug: bool = False
    allowed_hosts: str = ""
    csrf_trusted_origins: str = ""
    site_url: str = "http://localhost:8000"
    email_host: str = ""
    email_port: int = 25
    email_user: str = ""
    email_password: str = ""
    email_tls: bool = False
    email_file_path: str = ""
    default_from_email: str = "CARTPath <cartpath@localhost>"
    watch_emails: str = ""
    trusted_proxies: Annotated[int, Field(ge=0)] = 0
    idle_minutes: Annotated[int, Field(ge=1)] = 30
    api_rate_per_minute: Annotated[int, Field(ge=0)] = 60_000
    log_level: str = "INFO"
    log_json: bool = True


ENV = Environment()
PRODUCTION = ENV.cartpath_env == "production"


def _items(comma_list: str) -> list[str]:
    return [item.strip() for item in comma_list.split(",") if item.strip()]


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        # A new connection costs ten times the query, so each thread keeps its own.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "cartpath", "connect_timeout": 5, **query},
        "TEST": {"NAME": f"test_{parts.path.lstrip('/')}"},
    }


def _broker(url: str) -> str:
    """Celery spells a UNIX socket `redis+socket://`; Django's cache spells it `unix://`."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    db = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.path}?virtual_host={db}"


SECRET_KEY = ENV.secret_key or secrets.token_urlsafe(64)
SECRET_KEY_IS_EPHEMERAL = not ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = _items(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = _items(ENV.csrf_trusted_origins)
SITE_URL = ENV.site_url.rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "cartpath.accounts",
    "cartpath.protocols",
    "cartpath.ledger",
    "patients",
    "leukapheresis",
    "manufacturing",
    "infusion",
    "toxicity",
    "followup",
    "cartpath.reminders",
    "cartpath.calculators",
    "cartpath.papers",
    "cartpath.exchange",
    "cartpath.demo",
    "cartpath.api",
    "cartpath.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Programs need none of what follows: they have no session, no language and no form.
    "cartpath.api.middleware.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cartpath.accounts.middleware.IdleTimeoutMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cartpath.web.middleware.CenterMiddleware",
]

ROOT_URLCONF = "cartpath.urls"
WSGI_APPLICATION = "cartpath.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cartpath.web.context.frame",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "cartpath.web.templatetags.cartpath",
                "cartpath.web.templatetags.results",
                "cartpath.web.templatetags.alerts",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": _database(ENV.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": ENV.redis_url}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if ENV.cartpath_env == "test":
    # Slow on purpose everywhere else; tests make hundreds of people.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "web:today"
ACCOUNT_ADAPTER = "cartpath.accounts.adapter.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# Five wrong passwords for one address, or twenty from one machine, and the door stays shut for five minutes.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/5m/ip,5/5m/key"}
# How many proxies of the house stand before the web server; the limits must see the real machine.
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "CARTPath"
IDLE_MINUTES = ENV.idle_minutes

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = PRODUCTION
# Health checks come from inside the house, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("it", _("Italian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

if ENV.email_file_path:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = ENV.email_file_path
elif ENV.email_host:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_HOST = ENV.email_host
EMAIL_PORT = ENV.email_port
EMAIL_HOST_USER = ENV.email_user
EMAIL_HOST_PASSWORD = ENV.email_password
EMAIL_USE_TLS = ENV.email_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENV.default_from_email

# Told besides the administrators when the scheduler is silent, also when no database says who they are.
WATCH_EMAILS = _items(ENV.watch_emails)
# In production a webhook never leads back into this machine, and always speaks TLS.
WEBHOOKS_MAY_STAY_HERE = not PRODUCTION

CELERY_BROKER_URL = _broker(ENV.redis_url)

# Who reads the ledger, in this order, inside the transaction that writes it.
LEDGER_READERS = [
    "patients.readers.StatusReader",
    "patients.result_reader.ResultReader",
    "leukapheresis.readers.SlotReader",
    "leukapheresis.agenda.reader.CalendarReader",
    "manufacturing.custody.readers.CustodyReader",
    "cartpath.reminders.readers.ReminderReader",
    "cartpath.reminders.calendar_news.CalendarNewsReader",
]
# What stands in a person's calendar address beside the collections.
CALENDAR_PARTS = ["cartpath.web.calendar.feed.Duties"]
# In whose words the custody report tells the events of a journey.
PAPER_TELLER = "cartpath.web.timeline.entries.in_words"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["cartpath.api.auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["cartpath.api.auth.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["cartpath.api.throttle.ClientRateThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "cartpath.api.problems.problem_response",
    "UNAUTHENTICATED_USER": None,
}
API_RATE_PER_MINUTE = ENV.api_rate_per_minute
SPECTACULAR_SETTINGS = {
    "TITLE": "CARTPath",
    "DESCRIPTION": "Status of pediatric CAR T-cell journeys, apheresis slots, toxicity and reminders.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # The types of the documents name their parts themselves.
    "POSTPROCESSING_HOOKS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Log lines name what happened and to which key, never to which child.
_SHARED_PROCESSORS: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _SHARED_PROCESSORS,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                (
                    structlog.processors.JSONRenderer()
                    if ENV.log_json
                    else structlog.dev.ConsoleRenderer(colors=False)
                ),
            ],
        }
    },
    "filters": {"no_secrets": {"()": "cartpath.core.logs.NoSecretAddresses"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_secrets"]}
    },
    "root": {"handlers": ["stderr"], "level": ENV.log_level},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # One line per tick and message would bury what matters.
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
    },
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
