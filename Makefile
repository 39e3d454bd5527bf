# Goflow's commands. The work is done in scripts/; README.md tells what each command is for.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
export PORT HOST PYTHON ARGS

python := .venv/bin/python

.PHONY: help run test test-fast sabotage chaos fuzz check format lock clean

help: ## list the commands
	@sed -n 's/^\([a-z-]*\): ## /  make \1	/p' Makefile | expand -t 20

run: ## start the portal with its demo company on http://127.0.0.1:8000 (PORT=...)
	@sh scripts/environment.sh runtime
	@$(python) scripts/run.py

test: ## run the whole test suite (ARGS="tests/net -k marking" narrows it)
	@sh scripts/environment.sh dev
	@$(python) scripts/test.py $(ARGS)

test-fast: ## run what needs no other database, no browser and no patience
	@sh scripts/environment.sh dev
	@$(python) scripts/test.py --fast $(ARGS)

sabotage: ## take every protection away in turn, and see a test miss it
	@sh scripts/environment.sh dev
	@SABOTAGE_ALL=1 $(python) -m pytest -q -n 2 -p tests.faults.saboteur tests/faults/test_sabotage.py $(ARGS)

check: ## run what CI runs: format, lint, types, migrations, deploy check, API schema, tests
	@sh scripts/environment.sh dev
	@$(python) scripts/check.py

chaos: ## kill and stop processes at random under load, then judge what is left (MINUTES=60, SEED=7)
	@sh scripts/environment.sh dev
	@$(python) scripts/chaos.py --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED)) $(ARGS)

fuzz: ## compare verdicts on random nets with the definitions (NETS=1000000, SEED=1000000)
	@sh scripts/environment.sh dev
	@$(python) scripts/fuzz.py --nets $(or $(NETS),1000000) $(if $(SEED),--seed $(SEED)) $(ARGS)

format: ## put code and imports into the one format
	@sh scripts/environment.sh dev
	@$(python) -m ruff check --fix --exit-zero --quiet .
	@$(python) -m ruff format --quiet .

lock: ## resolve requirements*.in into requirements*.txt (needs uv)
	@sh scripts/lock.sh

clean: ## remove what can be made again; the data under var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
