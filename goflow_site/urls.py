"""All addresses but those of `middleware.PROBES`: API, admin, and the portal's pages."""

from csp.decorators import csp_update
from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from goflow_site.describing import ApiDescription
from goflow_site.errors import unknown_api_path

# Swagger UI puts styles into its page, and shows icons that it has as data.
docs = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="api-schema")
)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("workflows.api.urls")),
    path("api/v1/", include("approvals.api.urls")),
    path("api/schema/", ApiDescription.as_view(), name="api-schema"),
    path("api/docs/", docs, name="api-docs"),
    re_path(r"^api/(?P<path>.*)$", unknown_api_path),
    path("", include("approvals.urls")),
]

handler400 = "goflow_site.errors.bad_request"
handler403 = "goflow_site.errors.permission_denied"
handler404 = "goflow_site.errors.page_not_found"
handler500 = "goflow_site.errors.server_error"
