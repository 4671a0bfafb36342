# `make` lists what there is. Every target that needs it sets the machine up first, once.

.DEFAULT_GOAL := help
SHELL := bash
bin := .venv/bin
ready := .venv/.ready
# Twice the cores that CI has: the browsers wait for their portals a good part of the time.
workers := 4
# Compiled modules are kept between processes, whatever the environment says: a run starts many.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check torture bench docs site

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(ready) ## .venv, the pinned packages and a browser; quick when done
	@echo "ready: $(bin)/pec-autorenew"

$(ready): pyproject.toml constraints.txt scripts/setup.sh
	@scripts/setup.sh
	@touch $@

demo: $(ready) ## renew a few mailboxes of a false portal on this machine, and show what came of it
	$(bin)/pec-autorenew demo

test: $(ready) ## every test but the long ones
	$(bin)/python -m pytest -n $(workers) --dist worksteal

check: $(ready) ## style, types, and who may know whom
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

# Some two hours on two cores; larger numbers, by the variables, for a weekend.
torture: $(ready) ## kills and faults at every step, 600 portals by the state machine, each layout, renamed markup, portals by seed, years, months, the example suite, 10,000 accounts, a clean Debian
	PEC_EVERY_LAYOUT=1 PEC_STORIES=60 $(bin)/python -m pytest tests/faults -q -n $(workers) --dist load
	PEC_MACHINE_EXAMPLES=600 $(bin)/python -m pytest tests/engine/test_machine.py -q -n $(workers)
	PEC_YEARS=24 PEC_MONTHS=2 $(bin)/python -m pytest tests/year -q -n $(workers) --dist load --timeout 0
	PEC_EVERY_LAYOUT=1 $(bin)/python -m pytest -m "two_layouts or one_layout or torture" --ignore tests/faults -q -n $(workers) --dist loadscope
	PEC_EVERY_LAYOUT=1 PEC_RENAME_SEEDS=8 $(bin)/python -m pytest tests/cli/test_main_job.py -k no_id_or_class -q -n $(workers) --timeout 1800
	PEC_EVERY_LAYOUT=1 PEC_CHAOS_SEEDS=40 $(bin)/python -m pytest tests/flows/test_chaos.py -q -n $(workers) --timeout 1800
	PEC_EVERY_LAYOUT=1 $(bin)/python -m pytest tests/qa tests/cli/test_bench_scenarios.py -q -n $(workers) --timeout 1800
	PEC_FLEET_ACCOUNTS=10000 PEC_FLEET_KILL_EVERY=150 $(bin)/python -m pytest tests/fleet -q --timeout 0
	PEC_CUSTOMERS=100 $(bin)/python -m pytest tests/cli/test_many_customers.py -q
	[ "$$(id -u)" != 0 ] || scripts/try_in_debian.sh --boot

bench: $(ready) ## how long a renewal takes, against a naive script; many accounts, many workers; writes docs/scaling.md
	$(bin)/python -m bench
	$(bin)/python -m bench.scaling --write

docs: $(ready) ## makes docs/portal-map.md from the mock portal, and looks whether the documents' links lead somewhere
	$(bin)/python scripts/portal_map.py
	$(bin)/python -m pytest -q tests/architecture/test_docs.py

# A warning is an error: a link that leads nowhere, a document that is in no list, a name that the reference does not have.
site: $(ready) ## the documentation as a site, for people without the repository: build/site/index.html
	$(bin)/python -m sphinx -b html -E -W --keep-going -q docs build/site
	@echo "build/site/index.html"
