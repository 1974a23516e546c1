"""The front door: pages by the child's way, then the API, health and sign-in."""

from django.contrib import admin
from django.urls import include, path

from cartpath.api.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/", include("cartpath.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("", include("patients.urls")),
    path("", include("leukapheresis.urls")),
    path("", include("manufacturing.urls")),
    path("", include("infusion.urls")),
    path("", include("toxicity.urls")),
    path("", include("followup.urls")),
    path("", include("cartpath.calculators.urls")),
    path("", include("cartpath.papers.urls")),
    path("", include("cartpath.web.urls")),
]
