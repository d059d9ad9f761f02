# Two commands matter: make run, make test. Everything else is a part of them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-api test-service test-reliability test-rest check install clean help quality bench isolation reliability reliability-long mutations test-peers

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(VENV)/.installed ## Set up, ingest the sample help centre, serve it with the chat page
	@$(BIN)/frontdesk ingest data/documents || test $$? -eq 1
	@exec $(BIN)/frontdesk serve

test: $(VENV)/.developer ## Set up and run all tests
	@$(MAKE) --no-print-directory --output-sync=line -j4 test-api test-service test-reliability test-rest

# Four parts at once: much of each of them waits.
API := tests/app/api/
SERVICE := $(filter-out $(API) tests/app/__pycache__/,$(wildcard tests/app/*/)) $(wildcard tests/app/test_*.py) tests/browser/ tests/quality/

test-api: $(VENV)/.developer
	$(BIN)/python -m pytest $(API)

test-service: $(VENV)/.developer
	$(BIN)/python -m pytest $(SERVICE)

test-reliability: $(VENV)/.developer
	$(BIN)/python -m pytest tests/reliability/

test-rest: $(VENV)/.developer
	$(BIN)/python -m pytest $(filter-out tests/app/ tests/reliability/ $(SERVICE) tests/__pycache__/,$(wildcard tests/*/)) $(wildcard tests/test_*.py)

check: $(VENV)/.developer ## Format, lint, types and import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-peers: $(VENV)/.developer ## Also run against servers that nobody here wrote (builds one, minutes)
	$(BIN)/pip install --quiet --group peers
	$(BIN)/python -m pytest -m peers tests/contract/test_peers.py

install: $(VENV)/.installed ## Only set up

# pip 25.1 is the first that reads dependency groups.
$(VENV)/.installed: pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is missing; install Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: $(PYTHON) is older than 3.11; try make PYTHON=python3.11 run"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	@echo "installing; the first time this takes minutes"
	$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

clean: ## Remove the virtual environment, the index and compiled models
	rm -rf $(VENV) data/index data/models *.egg-info

# Labelled sets to measure on, as tests/quality/labelled.py describes them.
SETS ?= ../shared/eval

quality: $(VENV)/.developer ## Measure how well answers are found; with labelled sets in SETS, write docs/quality.md
	@mkdir -p build/quality && $(BIN)/python -m tests.quality.table $(SETS) build/quality
	@test ! -d $(SETS) || $(BIN)/python -m tests.quality.fit_confidence $(SETS) build/quality/confidence

isolation: $(VENV)/.developer ## Probe how well tenants are kept apart, and print the table of docs/security.md (15 minutes)
	@$(BIN)/python -m tests.isolation

reliability: $(VENV)/.developer ## Try every fault, and write docs/reliability.md (20 minutes)
	@$(BIN)/python -m tests.reliability

reliability-long: $(VENV)/.developer ## The same with 200 kills, 20,000 steps and half an hour of load (two hours)
	@$(BIN)/python -m tests.reliability --long

mutations: $(VENV)/.developer ## Take away each control against faults, and see its test fail (an hour)
	@$(BIN)/python -m tests.mutations reliability

bench: $(VENV)/.developer ## Measure how fast it is beside baselines, and write docs/performance.md (an hour; QUICK=--quick ten minutes)
	@SETS=$(abspath $(SETS)) $(BIN)/python -m tests.benchmarks build/bench $(QUICK)
