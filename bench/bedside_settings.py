"""Settings of `bench.bedside`: the project's own, with the pages' files as they lie in the tree."""

from cartpath.settings import *  # noqa: F403
from cartpath.settings import STORAGES as _STORAGES

ALLOWED_HOSTS = ["127.0.0.1"]
STORAGES = {
    **_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
