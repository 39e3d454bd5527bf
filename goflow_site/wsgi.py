"""The WSGI entry."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

from goflow_site.serving import refuse_a_passing_secret_key  # noqa: E402  needs the settings' name

refuse_a_passing_secret_key()
application = get_wsgi_application()
