# make demo          the whole of Onshore on this machine, until Ctrl-C       make demo ONCE=1   once, then exit
# make test lint     the checks                                               make bench         the figures
# make chaos SEED=7 N=300   everything dies, nothing is lost                  make test-image    the container files
PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
.DEFAULT_GOAL := demo
.PHONY: setup setup-lint setup-test assets demo test chaos test-image lint format bench doctor locks clean

setup:
	@tools/setup demo

setup-lint:
	@tools/setup lint

setup-test:
	@tools/setup test

# Hashed, compressed files for a production server; development serves them from where they are.
assets: setup
	ONSHORE_ENV=production $(MANAGE) collectstatic --noinput --clear --verbosity 0

# ONCE=1 runs in a home of its own, anew each time, and leaves its results where the demo's are.
demo: export ONSHORE_ENV = development
ifneq ($(filter-out 0 no,$(ONCE)),)
demo: export ONSHORE_HOME = $(CURDIR)/.onshore/once
demo: setup
	@$(PYTHON) -m portal.embedded remove
	@$(MANAGE) demo --once --out $(CURDIR)/.onshore/out; code=$$?; $(PYTHON) -m portal.embedded remove; exit $$code
else
demo: setup
	@$(MANAGE) demo
endif

# Each process has servers, a worker and a database of its own. One more than there are cores, since tests also wait.
test: processes = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test: setup-test
	$(PYTHON) -m pytest --numprocesses=$(processes) --maxprocesses=4 --dist=worksteal $(ARGS)

# N submissions and N marks over HTTP while processes are killed; the seed decides which, and who marks what.
chaos: export ONSHORE_CHAOS_N = $(or $(N),100)
chaos: export ONSHORE_CHAOS_SEED = $(or $(SEED),1)
chaos: setup-test
	$(PYTHON) -m pytest --quiet --numprocesses=0 tests/processes/test_chaos.py

# Every step of Dockerfile and docker-compose.yml, done without a container engine; needs root, for namespaces.
test-image: setup-test
	$(PYTHON) -m tests.image

lint: setup-lint
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) tools/unused.py
	$(PYTHON) -m djlint templates --lint
	ONSHORE_ENV=development $(MANAGE) makemigrations --check --dry-run
	ONSHORE_ENV=production ONSHORE_HOSTS=onshore.example $(MANAGE) check --deploy --fail-level WARNING

format: setup-lint
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

# In a home of its own, so that the demo's data stays what it is; removed before and after. SIZE=50000 for ten times as many.
bench: export ONSHORE_HOME = $(CURDIR)/.onshore/bench
bench: export ONSHORE_ENV = development
bench: assets
	@$(PYTHON) -m portal.embedded remove
	@$(MANAGE) bench $(if $(SIZE),--proposals $(SIZE)) $(ARGS); code=$$?; $(PYTHON) -m portal.embedded remove; exit $$code

doctor: setup
	@ONSHORE_ENV=$${ONSHORE_ENV:-development} $(MANAGE) doctor

# Renews the hashed locks; needs `uv` on the PATH.
locks:
	for name in requirements requirements-embedded requirements-dev requirements-node; do \
	  uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt; done

# Removes what was built and the embedded database with all that is in it.
clean:
	@if [ -d .onshore ] && [ -x $(PYTHON) ]; then $(PYTHON) -m portal.embedded remove; fi
	rm -rf .venv .onshore node_modules staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
