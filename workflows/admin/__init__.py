"""The engine in the Django admin. Importing a module registers what it holds."""

from . import case, flow, jobs, version, work

__all__ = ["case", "flow", "jobs", "version", "work"]
