"""Tests that break real processes: docs/reliability.md."""
