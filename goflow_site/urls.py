"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

from goflow_site import errors

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("approvals.urls")),
]
