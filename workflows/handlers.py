"""The handlers that come with the engine, found where those of every app are."""

from workflows.jobs import builtin  # noqa: F401  registers them
