# Streetwork Hub. `make run` and `make test` do all set-up themselves on a fresh machine (Python 3.11+, make).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_NO_PROGRESS := 1

.PHONY: help setup run test lint format eval bench use lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t12

$(UV):
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; set PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet uv

$(VENV)/.run: requirements.txt pyproject.toml | $(UV)
	$(UV) pip install --quiet --no-deps --require-hashes -r requirements.txt
	$(UV) pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(UV) pip install --quiet --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.dev ## everything for working on the hub

run: $(VENV)/.run ## the hub on this machine, with demo staff and a simulator
	STREETWORK_DEMO=1 exec $(BIN)/streetwork serve

test: setup ## all tests, browser tests included
	@sh tests/browser/need_chromium.sh
	$(BIN)/python -m tests.train
	$(BIN)/python -m pytest -n 3

lint: setup ## style, types, layers, templates, Dockerfile, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --lint app/web/templates --quiet
	$(BIN)/hadolint Dockerfile
	$(BIN)/python -m tests.lock

format: setup ## rewrite sources in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat app/web/templates --quiet

eval: setup ## how well the hub understands, on messages it was not trained on
	$(BIN)/python -m tests.eval --plain

bench: setup ## how fast the inbox is with 100,000 conversations and a million messages
	$(BIN)/python -m tests.bench.inbox

use: setup ## ten minutes of three colleagues at the same twenty cases: does anything jump, double or get lost?
	$(BIN)/python -m tests.use.colleagues

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --override requirements.overrides.txt
lock: | $(UV) ## resolve the dependencies anew (hashes, no index addresses)
	$(COMPILE) pyproject.toml --group build -o requirements.txt
	$(COMPILE) pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove the environment (never the data)
	rm -rf $(VENV) *.egg-info
