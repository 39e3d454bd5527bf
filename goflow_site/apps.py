from django.contrib.admin.apps import AdminConfig


class GoflowAdminConfig(AdminConfig):
    """The admin under Goflow's own name."""

    default_site = "goflow_site.admin_site.GoflowAdminSite"
