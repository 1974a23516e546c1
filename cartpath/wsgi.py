"""The WSGI application that the web server loads."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cartpath.settings")

if settings.SECRET_KEY_IS_EPHEMERAL:
    # Every worker process would invent its own key, and nobody could stay signed in.
    message = (
        "SECRET_KEY is not set. Give the web server, the worker and beat the same long random value, "
        'for example from: python -c "import secrets; print(secrets.token_urlsafe(64))"'
    )
    raise ImproperlyConfigured(message)

application = get_wsgi_application()
