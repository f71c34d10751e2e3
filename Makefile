# `make` alone lists the targets. Each makes what it needs first.

# PYTHON=3.12, PYTHON=python3.12 or PYTHON=/a/path: another interpreter, in an environment of its own.
VENV := .venv
ifneq ($(PYTHON),)
VENV := .venv-$(or $(shell tools/find-python --minor "$(PYTHON)" 2>/dev/null),$(notdir $(PYTHON)))
endif
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FUZZ := $(VENV)/.fuzz
NODE := tests/e2e/node/node_modules/.package-lock.json

# Its Python may have been removed since.
ifneq ($(wildcard $(READY)),)
$(shell test -x $(BIN)/python || rm -f $(READY))
endif

.DEFAULT_GOAL := help
.PHONY: help setup node engines demo run test test-fast check fuzz soak docs bench bypass format lock wheel clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-9s %s\n", $$1, $$2 }'

setup: $(READY) node ## a virtual environment with everything in it (other targets do this themselves)
	@echo "$(VENV): $$($(BIN)/python --version)"

$(READY): pyproject.toml constraints.txt tools/setup tools/find-python
	@tools/setup "$(VENV)" "$(PYTHON)"
	@touch $@

node: $(NODE)

$(NODE): tests/e2e/node/package.json tests/e2e/node/package-lock.json tools/setup-node
	@tools/setup-node
	@if [ -f $@ ]; then touch $@; fi

engines: $(READY) ## ClickHouse and DuckDB in process, for the tests of docs/engines.md and benchmarks/audit (200 MB)
	@tools/setup-engines "$(VENV)"

demo: $(READY) ## a stand-in Jira, the proxy and a legacy client: before and after
	@$(BIN)/jira-compat demo $(ARGS)

run: $(READY) ## the proxy: UPSTREAM=https://jira.example.com, or a stand-in without it; ARGS=...
ifneq ($(UPSTREAM),)
	@$(BIN)/jira-compat serve --upstream "$(UPSTREAM)" $(ARGS)
else
	@$(BIN)/jira-compat demo --keep $(ARGS)
endif

# The same on every run: one seed for hashes, one for Hypothesis. Bytecode is kept, because the tests start many processes.
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
FAST := actions events explain message policy translate test_decide.py test_guarantees.py test_layout.py test_model.py test_policies.py

test-fast: $(READY) ## the tests of the pure core, in a tenth of the time
	@$(PYTEST) -n 2 $(wildcard $(FAST:%=tests/%))

# More processes than cores, because many tests wait for a process of their own.
test: $(READY) node ## the tests; TESTS="tests/e2e -k demo" for some of them
	@$(PYTEST) -n 3 --dist worksteal $(TESTS)

check: $(READY) ## format, lint, types, layers, policies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/jira-compat check policies

fuzz: $(FUZZ) ## the readers of foreign bytes, fuzzed for a minute each; ARGS="body --seconds 600"
	@nice $(BIN)/python fuzz/run.py $(ARGS)

$(FUZZ): $(READY) fuzz/requirements.txt
	@tools/setup-fuzz "$(VENV)"
	@touch $@

soak: $(READY) ## 100,000 mixed requests with reloads and faults: is anything lost? ARGS="--requests 2000"
	@nice $(BIN)/python -m benchmarks.soak $(ARGS)

docs: $(READY) ## what is generated: policies/README.md, docs/cli.md, docs/*.schema.json
	$(BIN)/python tools/generate

bench: $(READY) ## what a decision costs; requests per second against stock mitmdump, and of two workers; ARGS="--rounds 3"
	@$(BIN)/python -m benchmarks.decide
	@$(BIN)/python -m benchmarks.throughput $(ARGS)
	@$(BIN)/python -m benchmarks.workers $(ARGS)

bypass: $(READY) ## the corpus of bypasses through this proxy and others; writes the table into README.md and docs/security.md
	@$(BIN)/python -m benchmarks.bypass --write README.md docs/security.md

format: $(READY) ## format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Keeps what is locked already where it still fits; UPGRADE=1 takes the newest of everything. uv, because it sees all Pythons and systems at once.
lock: ## write constraints.txt and the npm lock again; UPGRADE=1 for newer versions
	@tools/lock $(if $(UPGRADE),--upgrade)

wheel: $(READY) ## dist/*.whl, with the policies in it
	@rm -rf dist
	@$(BIN)/hatchling build --target wheel

clean: ## remove everything that these targets made
	rm -rf .venv .venv-* dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/e2e/node/node_modules
	find addon tests tools benchmarks fuzz -name __pycache__ -type d -prune -exec rm -rf {} +
