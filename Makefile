# The two set-up commands are `make serve` and `make test`; `make check` is the whole gate.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help serve test test-all lint check bench pins clean

help:           ## list the targets
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo 'Python 3.11 or newer with venv is needed: apt-get install python3 python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

serve: $(READY) ## install, build, validate and serve the real data on PORT (8000)
	$(BIN)/kg build
	$(BIN)/kg-serve --port $(PORT)

test: $(READY)  ## install and run the default tests
	$(BIN)/python -m pytest

test-all: $(READY) ## every test, the slow ones too
	$(BIN)/python -m pytest -m ""

lint: $(READY)  ## format, lint, import contracts, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

check: lint     ## the whole gate: lint, then every test with branch coverage
	$(BIN)/python -m pytest -m "" --hypothesis-profile=gate --cov --cov-fail-under=95

bench: $(READY) ## time builds and requests; prints figures, asserts nothing
	$(BIN)/python -m tests.benchmarks

pins:           ## renew requirements.txt from pyproject.toml
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/python -m piptools compile --quiet --extra dev --all-build-deps --generate-hashes --allow-unsafe \
	  --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	  --no-header --output-file requirements.txt pyproject.toml

clean:          ## remove what was installed and built
	rm -rf $(VENV) releases build dist node_modules webapp/static/built
