# Needs python3 (3.11 or newer), node, npm and make; everything else is fetched by `make setup`.

PYTHON ?= python3
PORT ?= 8000
# More arguments for pytest, such as ARGS='-k spool -x'.
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--system-certs --no-emit-index-url --no-header --quiet $(if $(UPGRADE),--upgrade)
say = @echo "—— $(1)"

# A pipe fails with any of its commands.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run example test test-unit check check-locks format generate lock wheel screenshots bench bench-sdk bench-alerting bench-dashboard clean

help: ## Say what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.stamp sdk/dist/.stamp examples/widget/dist/.stamp src/chatvitals/dashboard/static/dist/.stamp ## Make .venv and node_modules from the locks, and what is built of TypeScript; nothing to do when they are fresh

# Made anew whenever the lock changes, so that it never holds what the lock doesn't.
.venv/.locked: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "chatvitals needs Python 3.11 or newer; say which with make PYTHON=…"; exit 1; }
	$(call say,making .venv)
	@$(PYTHON) -m venv --clear .venv
	$(call say,installing requirements/dev.txt into .venv (a few hundred MB to fetch the first time))
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.stamp: .venv/.locked pyproject.toml
	$(call say,installing chatvitals into .venv for editing)
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

node_modules/.stamp: package.json package-lock.json .npmrc
	$(call say,installing package-lock.json into node_modules)
	@npm ci --loglevel=error
	@touch $@

# The browser SDK, for npm in sdk/dist, and for the program's wheel among its static files.
SERVED := src/chatvitals/server/static/dist/sdk

sdk/dist/.stamp: node_modules/.stamp sdk/tsconfig.json sdk/build.mjs $(wildcard sdk/src/*.ts sdk/src/*/*.ts)
	$(call say,building the browser SDK)
	@rm -rf sdk/dist && mkdir -p sdk/dist $(SERVED)
	@node sdk/build.mjs sdk/dist
	@node_modules/.bin/tsc -p sdk
	@cp sdk/dist/chatvitals.js $(SERVED)/v1.js
	@touch $@

# The example widget, with the SDK in it as its users would have it.
EXAMPLE := examples/widget
BUNDLE := node_modules/.bin/esbuild --bundle --target=es2021 --log-level=warning

$(EXAMPLE)/dist/.stamp: sdk/dist/.stamp $(EXAMPLE)/tsconfig.json $(wildcard $(EXAMPLE)/src/*)
	$(call say,building the example widget)
	@rm -rf $(EXAMPLE)/dist && mkdir -p $(EXAMPLE)/dist
	@$(BUNDLE) --minify $(EXAMPLE)/src/main.ts --format=iife --loader:.css=text --tsconfig=$(EXAMPLE)/tsconfig.json \
		--outfile=$(EXAMPLE)/dist/widget.js
	@touch $@

# The dashboard's scripts and styles, among the program's static files. Folders are named for the files that go from them.
DASHBOARD := src/chatvitals/dashboard/static/dist

$(DASHBOARD)/.stamp: node_modules/.stamp $(wildcard frontend/* frontend/*/* frontend/*/*/*)
	$(call say,building the dashboard's scripts and styles)
	@rm -rf $(DASHBOARD) && mkdir -p $(DASHBOARD)
	@node frontend/build.mjs $(DASHBOARD)
	@touch $@

run: setup ## Start the server with a simulated fleet of widgets (PORT=8000)
	@exec $(BIN)/chatvitals demo --port $(PORT)

example: setup ## Start the example widget's shop on port 8090, measured by the server of `make run` (PORT=8000)
	@exec $(BIN)/python -m examples.widget --port 8090 --endpoint http://127.0.0.1:$(PORT)/api/monitoring/widget

# First those that hold the program to a time, with nothing beside them; then the rest, on all cores. 5: none was chosen.
test: setup ## Run all tests (ARGS='-k name')
	@$(BIN)/python -m pytest -m alone $(ARGS) || [ $$? = 5 ]
	@$(BIN)/python -m pytest -m 'not alone' -n auto --dist loadfile $(ARGS)

test-unit: setup ## Run the unit tests only (ARGS='-k name')
	@exec $(BIN)/python -m pytest tests/unit $(ARGS)

check: setup check-locks ## Lint, formatting, types (Python and TypeScript), direction of imports, locks
	$(call say,ruff check)
	@$(BIN)/ruff check
	$(call say,ruff format --check)
	@$(BIN)/ruff format --check
	$(call say,mypy)
	@$(BIN)/mypy
	$(call say,lint-imports)
	@$(BIN)/lint-imports --no-logo
	$(call say,tsc)
	@node_modules/.bin/tsc -p sdk --noEmit
	@node_modules/.bin/tsc -p $(EXAMPLE) --noEmit
	@node_modules/.bin/tsc -p frontend --noEmit

# A lock that names where its packages came from ties everybody to that place.
check-locks:
	$(call say,locks name no host)
	@! grep -nE '://|^ *--(index-url|extra-index-url|find-links|trusted-host)' requirements/*.txt
	@! grep -nE '"resolved"' package-lock.json

format: setup ## Sort imports, fix what ruff can fix, format
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

lock: setup ## Make the locks anew (UPGRADE=1 takes the newest versions)
	$(call say,requirements/runtime.txt)
	@$(LOCK) -o requirements/runtime.txt
	$(call say,requirements/dev.txt)
	@$(LOCK) --group dev --constraint requirements/runtime.txt -o requirements/dev.txt
	$(call say,package-lock.json)
	@npm $(if $(UPGRADE),update,install) --package-lock-only --loglevel=error
	@$(MAKE) --no-print-directory check-locks

wheel: setup ## Build the wheel into dist/
	@rm -rf dist
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist > /dev/null
	@ls dist/*.whl

generate: setup ## Make the reference pages and SDK types that follow from the code
	@exec $(BIN)/python -m tools.generate

screenshots: setup ## Take the pictures in docs/images anew
	@exec $(BIN)/python -m tools.screenshots

bench: setup ## Measure ingest (CPU seconds a million events, events a second)
	@exec $(BIN)/python -m bench.ingest $(ARGS)

bench-sdk: setup ## Measure the browser SDK in Chromium (ARGS='--runs 1 --only cost')
	@exec $(BIN)/python -m bench.sdk $(ARGS)

bench-alerting: setup ## Measure the evaluation of 300 rules over 400 customers and 10 million events
	@exec $(BIN)/python -m bench.alerting $(ARGS)

bench-dashboard: setup ## Measure the dashboard over 10 million events (ARGS='--runs 10 --seconds 10')
	@exec $(BIN)/python -m bench.dashboard $(ARGS)

clean: ## Remove everything that is made: .venv, node_modules, caches, dist
	rm -rf .venv node_modules dist build sdk/dist examples/widget/dist src/chatvitals/server/static/dist $(DASHBOARD) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
