"""Handlers that every flow can use: http, mail, wait, set_data."""

from . import http, mail, set_data, wait  # noqa: F401  registers them
