from django.contrib.admin import AdminSite
from django.utils.translation import gettext_lazy as _


class GoflowAdminSite(AdminSite):
    site_header = _("Goflow administration")
    site_title = _("Goflow")
    index_title = _("Flows, cases and people")
    site_url = "/"
