"""The engine in the Django admin. Importing a module registers what it holds."""

from . import case, flow, version, work

__all__ = ["case", "flow", "version", "work"]
