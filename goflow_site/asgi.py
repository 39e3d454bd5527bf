"""The ASGI entry."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goflow_site.settings")

from goflow_site.serving import refuse_a_passing_secret_key  # noqa: E402  needs the settings' name

refuse_a_passing_secret_key()
application = get_asgi_application()
