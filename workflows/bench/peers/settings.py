"""The settings of the peers that are Django applications: Django's defaults, and their tables."""

from __future__ import annotations

import importlib.util
import os

import environ

SECRET_KEY = "of a benchmark"  # noqa: S105
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "workflows.bench.peers.ormapp",
]
if importlib.util.find_spec("viewflow"):
    INSTALLED_APPS += ["viewflow", "viewflow.workflow"]
