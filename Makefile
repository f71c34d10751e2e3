# `make` alone lists the targets. Each one makes its prerequisites first.

# PYTHON=3.12, PYTHON=python3.12 or PYTHON=/a/path selects another interpreter, with its own environment.
VENV := .venv
ifneq ($(PYTHON),)
VENV := .venv-$(or $(shell tools/find-python --minor "$(PYTHON)" 2>/dev/null),$(notdir $(PYTHON)))
endif
BIN := $(VENV)/bin
READY := $(VENV)/.ready
FUZZ := $(VENV)/.fuzz
OLD_CLIENT := .old-clients/jira-3.5.2
NODE := tests/e2e/node/node_modules/.package-lock.json

# The environment's Python may have been removed since.
ifneq ($(wildcard $(READY)),)
$(shell test -x $(BIN)/python || rm -f $(READY))
endif

.DEFAULT_GOAL := help
.PHONY: help setup node old-clients engines demo run test test-fast check fuzz soak starve docs bench bypass format lock wheel clean

help: ## print this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-9s %s\n", $$1, $$2 }'

setup: $(READY) node old-clients ## make the virtual environment (the other targets do this themselves)
	@echo "$(VENV): $$($(BIN)/python --version)"

$(READY): pyproject.toml constraints.txt tools/setup tools/find-python
	@tools/setup "$(VENV)" "$(PYTHON)"
	@touch $@

node: $(NODE)

$(NODE): tests/e2e/node/package.json tests/e2e/node/package-lock.json tools/setup-node
	@tools/setup-node
	@if [ -f $@ ]; then touch $@; fi

# Each in an environment of its own, made once for each list of tests/e2e/old_clients.
old-clients:
	@tools/setup-old-clients

engines: $(READY) ## install ClickHouse and DuckDB in process, for tests and benchmarks (200 MB)
	@tools/setup-engines "$(VENV)"

demo: $(READY) ## run an old client against a stand-in Jira, with and without the proxy
	@tools/setup-old-clients $(notdir $(OLD_CLIENT))
	@$(BIN)/jira-compat demo --old-client $(OLD_CLIENT)/bin/python $(ARGS)

run: $(READY) ## run the proxy; UPSTREAM=https://jira.example.com, else a stand-in Jira; ARGS=...
ifneq ($(UPSTREAM),)
	@$(BIN)/jira-compat serve --upstream "$(UPSTREAM)" $(ARGS)
else
	@tools/setup-old-clients $(notdir $(OLD_CLIENT))
	@$(BIN)/jira-compat demo --keep --old-client $(OLD_CLIENT)/bin/python $(ARGS)
endif

# The same on every run: one seed for hashes, one for Hypothesis. Bytecode is kept, because the tests start many processes.
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
FAST := actions events explain message policy translate test_decide.py test_decide_steps.py test_guarantees.py test_layout.py test_model.py test_policies.py

test-fast: $(READY) ## test the pure core, in a tenth of the time
	@$(PYTEST) -n 2 $(wildcard $(FAST:%=tests/%))

# More processes than cores, because many tests wait for a process of their own.
test: $(READY) node old-clients ## run all tests; TESTS="tests/e2e -k demo" for some of them
	@$(PYTEST) -n 3 --dist worksteal $(TESTS)

check: $(READY) ## check format, lint, types, layers and policies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/jira-compat check policies

fuzz: $(FUZZ) ## fuzz bodies, targets and policy files for a minute each, then search the property tests at random; ARGS="body --seconds 600"
	@nice $(BIN)/python fuzz/run.py $(ARGS)
	@HYPOTHESIS_PROFILE=random nice $(BIN)/python -m pytest -q -m hypothesis tests

$(FUZZ): $(READY) fuzz/requirements.txt
	@tools/setup-fuzz "$(VENV)"
	@touch $@

soak: $(READY) ## send 100,000 mixed requests with reloads and faults; ARGS="--requests 2000"
	@nice $(BIN)/python -m benchmarks.soak $(ARGS)

starve: $(READY) ## attack the proxy, and measure how long others wait; ARGS="br-* ping" for some attacks
	@$(BIN)/python -m benchmarks.starve $(ARGS)

docs: $(READY) ## write the generated pages: policies/README.md, docs/cli.md, JSON Schemas, deploy/haproxy
	$(BIN)/python tools/generate

bench: $(READY) ## measure a decision, a translation, and requests per second against stock mitmdump; ARGS="--rounds 3"
	@$(BIN)/python -m benchmarks.decide
	@$(BIN)/python -m benchmarks.translate
	@$(BIN)/python -m benchmarks.throughput $(ARGS)
	@$(BIN)/python -m benchmarks.workers $(ARGS)

bypass: $(READY) ## run the corpus of bypasses, and write its table into README.md and docs/security.md
	@$(BIN)/python -m benchmarks.bypass --write README.md docs/security.md

format: $(READY) ## format the code, and fix what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Keeps locked versions that still fit; UPGRADE=1 takes the newest of all. Uses uv, which locks for all Pythons and systems.
lock: ## write constraints.txt and the npm lock; UPGRADE=1 for newer versions
	@tools/lock $(if $(UPGRADE),--upgrade)

wheel: $(READY) ## build dist/*.whl, policies included
	@rm -rf dist
	@$(BIN)/hatchling build --target wheel

clean: ## remove everything that these targets made
	rm -rf .venv .venv-* .old-clients dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis tests/e2e/node/node_modules
	find addon tests tools benchmarks fuzz -name __pycache__ -type d -prune -exec rm -rf {} +
