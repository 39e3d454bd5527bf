"""What others make of the same process: submit, approve, finance, an automatic record, the end.

Each peer is a module that is run as a process of its own, `python -m workflows.bench.peers.NAME`,
with settings and tables that are no part of the product. Installed for measuring alone, by
requirements-bench.txt; one that is not installed is told so and left out.
"""
