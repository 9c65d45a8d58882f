# A checkout from nothing but Python 3.11+ and make. `make demo VENV=/elsewhere PYTHON=python3.12` leaves your own alone.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What an installed copy is made of; a change to any of it makes the copy stale.
SOURCES := $(shell find src configs models training inference -type f -not -path '*/__pycache__/*') pyproject.toml constraints.txt

# Stamps of the two installs. An editable one reads the sources in place, so it serves the demo too and is never undone by it.
COPY := $(VENV)/.installed
EDITABLE := $(VENV)/.editable
READY := $(or $(wildcard $(EDITABLE)),$(COPY))

.DEFAULT_GOAL := help
.PHONY: help demo test dev lint wheel clean

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(READY) ## install copydesk and read the two articles in examples/
	$(BIN)/copydesk predict --format page examples/*.txt

test: $(EDITABLE) ## install copydesk with its test extra and run the tests
	$(BIN)/python -m pytest

dev: $(VENV)/.dev ## install copydesk for work on it: editable, every extra, the linters and the commit hook

lint: $(VENV)/.dev ## ruff and mypy, as the CI runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: | $(BIN)/python ## build a wheel into dist/, from clean
	rm -rf build dist
	$(PIP) wheel --no-deps --wheel-dir dist .

clean: ## remove what the targets made, but for the virtual environment
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# build/ is removed first each time: setuptools would pack files in it that are gone from the tree.
$(COPY): $(SOURCES) | $(BIN)/python
	rm -rf build
	$(PIP) install --constraint constraints.txt .
	rm -rf build
	touch $@

$(EDITABLE): pyproject.toml constraints.txt | $(BIN)/python
	rm -rf build
	$(PIP) install --constraint constraints.txt --editable '.[test]'
	touch $@

$(VENV)/.dev: $(EDITABLE)
	$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@if [ -d .git ] && [ -z "$$CI" ]; then $(BIN)/pre-commit install; fi
	touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'copydesk needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
