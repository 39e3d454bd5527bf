"""Benchmarks of the portal. `workflows.bench` knows them by name."""
