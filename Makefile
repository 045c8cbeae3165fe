# make run: serve the site on this machine.  make test: everything that CI runs.  The rest helps along the way.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# No prompts, no version checks; hashes are in the files themselves.
PIP := $(BIN)/pip --quiet --quiet --disable-pip-version-check install --require-hashes --no-deps

.PHONY: help run test install install-test programs lint unit postgresql browser faults bench lock clean

help:
	@sed -n 's/^#: //p' Makefile

#: make run          serve the site at http://127.0.0.1:8000 (PORT= changes it)
run: install
	@$(BIN)/python -m safety_site.local_setup
	@$(BIN)/python manage.py prepare --port $(PORT)
	@PORT=$(PORT) exec $(BIN)/gunicorn -c python:safety_site.server safety_site.wsgi

#: make test         everything: lint, imports, unit tests on SQLite and on PostgreSQL, browser, faults
test: install-test programs lint unit postgresql browser faults

#: make lint         ruff, format, import contracts, missing migrations
lint: install-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_project

#: make unit         tests without a browser, on SQLite
unit: install-test
	$(BIN)/python -m pytest -q -n auto --dist loadscope --no-loadscope-reorder --ignore tests/browser --ignore tests/faults

#: make postgresql   those of them that a database could answer otherwise, on a real PostgreSQL
postgresql: install-test
	$(BIN)/python -m tests.on_postgresql -q -n auto --dist loadscope --no-loadscope-reorder --ignore tests/browser --ignore tests/faults

#: make browser      journeys, quick exit and accessibility in Chromium
browser: install-test programs
	$(BIN)/python -m pytest -q -n auto --dist loadgroup -m "not alone" tests/browser
	$(BIN)/python -m pytest -q -m alone tests/browser

#: make faults       databases, disks, workers and networks are broken under load, on real servers
faults: install-test programs
	$(BIN)/python -m pytest -q -n 3 --dist loadfile tests/faults

#: make bench        the tables of README.md, from one run on this machine
bench: install-test
	@sh tests/get_programs.sh bench
	$(BIN)/python -m tests.bench_servers
	$(BIN)/python -m tests.bench_render --grown

#: make lock         pin the dependencies of pyproject.toml anew, with hashes
lock: install-test
	$(BIN)/pip --quiet install uv
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header --extra test -c requirements.txt pyproject.toml -o requirements-test.txt

#: make clean        take away what make made; keeps the database and .env
clean:
	rm -rf $(VENV) staticfiles page-store .pytest_cache .ruff_cache .hypothesis .import_linter_cache

install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: set PYTHON=python3.11, for example.")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the site needs ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-test: requirements-test.txt | $(VENV)/bin/python
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-test.txt
	@touch $@ $(VENV)/.installed

programs:
	@sh tests/get_programs.sh
