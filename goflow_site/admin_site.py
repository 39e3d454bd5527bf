from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from approvals.forms.session import ThrottledSignIn


class AdminSignInForm(ThrottledSignIn, AdminAuthenticationForm):
    """The admin's form, under the portal's limit on wrong passwords."""


class GoflowAdminSite(AdminSite):
    login_form = AdminSignInForm
    site_header = _("Goflow administration")
    site_title = _("Goflow")
    index_title = _("Flows, cases and people")
    site_url = "/"
