# Needs Python 3.11 or newer and make; everything else is made in .venv from pinned, hashed requirements.
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# Tests start the program many times, and each worker reads every test: compiled once, not each time anew.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
BIN := $(VENV)/bin
SCENARIO ?= day
SPEED ?= 1
SEED ?= 1
PYTEST_ARGS ?=
# Tests run side by side, more of them than there are cores, for they wait a good part of their time.
WORKERS ?= 4
# Measuring coverage nearly doubles what the tests cost, so only `make check` and .ci/run do it.
COVERAGE ?=
# The lab: real controllers as plain processes, by the standard library alone; see docs/lab.md.
LAB = PYTHONPATH=tests/cluster $(PYTHON) -m lab
LAB_PARTS ?=
TAG ?=
BAD ?=

# The first Python that is new enough, unless PYTHON names one.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

.PHONY: help demo test check check-rest test-cluster samples lab lab-push lab-status lab-down \
	format snapshots bench wheel pictures schemas requirements clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1mmake %-13s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/run.stamp ## Open the dashboard on the embedded cluster (SCENARIO=day SPEED=1 SEED=1)
	@$(BIN)/trombone-tui --demo $(SCENARIO) --demo-speed $(SPEED) --demo-seed $(SEED)

test: $(VENV)/dev.stamp ## Run every test that needs no real control plane
	@$(BIN)/coverage erase
	$(BIN)/pytest -n $(WORKERS) -m "not cluster" $(if $(COVERAGE),--cov --cov-report= --cov-fail-under=0) $(PYTEST_ARGS)

check: COVERAGE = 1
check: test check-rest ## Run the tests and every other check

check-rest: $(VENV)/dev.stamp ## Check coverage of the last `make test COVERAGE=1`, format, lint, types, layers, dead code, dependencies
	$(BIN)/coverage report --skip-covered --skip-empty
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture
	$(BIN)/deptry .

test-cluster: $(VENV)/dev.stamp ## Run the tests that need real controllers; builds, starts and ends the lab (see docs/lab.md)
	@$(LAB) during $(LAB_PARTS) -- $(BIN)/pytest -m cluster $(PYTEST_ARGS)

lab: ## Build and start a real Argo delivery pipeline on this machine, no containers (LAB_PARTS="rollouts prometheus")
	@$(LAB) up $(LAB_PARTS)

lab-push: ## Send the lab a signed push and follow it to promotion (TAG=1.2.3), or to its abort (BAD=1)
	@$(LAB) push $(if $(TAG),--tag $(TAG)) $(if $(BAD),--bad)

lab-status: ## Say what of the lab runs, its memory and its logs
	@$(LAB) status

lab-down: ## End the lab; what was built stays
	@$(LAB) down

samples: $(VENV)/dev.stamp ## Save what the lab's controllers write during the tests into tests/data/*/lab, for the readers' tests
	@PYTHONPATH=tests/cluster $(LAB) during -- $(BIN)/python tests/cluster/sampling.py \
		$(BIN)/pytest -m cluster tests/cluster -k "truth or journey" $(PYTEST_ARGS)

format: $(VENV)/dev.stamp ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

snapshots: $(VENV)/dev.stamp ## Take the screens' snapshots anew; look at the difference before committing
	$(BIN)/pytest tests/ui -m "not cluster" --snapshot-update $(PYTEST_ARGS)

bench: $(VENV)/dev.stamp ## Measure the budgets and print the figures
	@for script in tests/bench/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

wheel: $(VENV)/dev.stamp ## Build dist/*.whl, styles/ and manifests/ inside
	@rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist
	@ls -l dist

pictures: $(VENV)/dev.stamp ## Draw the README's pictures from the demo
	$(BIN)/python docs/pictures.py

schemas: $(VENV)/dev.stamp ## Write docs/*.schema.json and docs/keys.md from the code
	$(BIN)/python docs/schemas.py

requirements: ## Pin and hash requirements/*.txt anew (needs uv)
	cd requirements && for set in run dev; do uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --no-strip-extras $$set.in -o $$set.txt; done

clean: ## Remove what make made
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp a set of requirements; dev has all of run's in it.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what trombone-tui needs into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/run.stamp

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found; install one or say make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "error: $(PYTHON) can't make a virtual environment; on Debian and Ubuntu install python3-venv" >&2; exit 1; }
