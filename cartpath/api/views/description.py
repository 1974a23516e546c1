"""The API description as a page."""

from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own files; its script is a request of its own, so that none stands inline."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = []
