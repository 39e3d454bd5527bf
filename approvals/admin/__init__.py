"""The company and its requests in the Django admin. Importing a module registers what it holds."""

from . import choices, company, requests

__all__ = ["choices", "company", "requests"]
