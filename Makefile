# Two commands matter: `make demo` shows okrsync at work, `make test` runs everything. Both make their own
# environment in .venv; they need Python 3.11+, make and a package index.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
TESTS ?= tests

.PHONY: demo docs messages test lint types pytest torture bench bench-full bench-peers lock licences sbom image-test pin-base clean

demo: .venv/run.stamp
	@$(BIN)/okrsync demo

test: lint types pytest

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: .venv/dev.stamp
	$(BIN)/mypy

# Three workers, since tests wait more than they compute. A file is one worker's: its tests share a slow set-up.
pytest: .venv/dev.stamp
	$(BIN)/pytest --numprocesses=3 --dist=loadfile

# The same tests with long sweeps, for hours. `make torture TESTS=tests/sync OKRSYNC_SEED=7` repeats a part of a run.
torture: .venv/dev.stamp
	OKRSYNC_TORTURE=1 $(BIN)/pytest --timeout=7200 $(TESTS)

# Under ten minutes; bench-full takes hours. Both write what they found into bench/README.md.
bench: .venv/dev.stamp
	$(BIN)/python -m bench --write

bench-full: .venv/dev.stamp
	$(BIN)/python -m bench --full --minutes 600 --write

# Others to be measured beside okrsync, which it does not need itself.
bench-peers: .venv/created.stamp
	$(PYTHON) -m venv .venv/dlt
	.venv/dlt/bin/python -m pip --disable-pip-version-check install --quiet "dlt>=1.31,<2"

# The lock names versions and hashes only, never where they come from.
lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
	  pyproject.toml --extra postgres -o requirements/run.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
	  pyproject.toml --extra postgres --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q \
	  --group build -c requirements/dev.txt -o requirements/build.txt

# The page of commands, from the command line itself; tests/docs holds it to that.
docs: .venv/run.stamp
	$(BIN)/python docs/commands.py > docs/commands.md

# What a release brings along: docs/release.md.
licences: .venv/dev.stamp
	$(BIN)/python deploy/licences.py > docs/licences.md

sbom: .venv/dev.stamp
	mkdir -p dist
	$(BIN)/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml --mc-type application \
	  --spec-version 1.6 --output-reproducible --output-file dist/okrsync.cdx.json

image-test:
	deploy/image-test

pin-base:
	deploy/pin-base

# New and changed texts enter the catalogues, untranslated; tests/views/test_catalogue.py tells which are missing.
messages: .venv/dev.stamp
	$(BIN)/pybabel -q extract -F babel.ini --no-default-keywords -k say -k many:1,2 -k later --no-location --omit-header \
	  -o .venv/messages.pot cli views
	$(BIN)/pybabel -q update -D okrsync -i .venv/messages.pot -d views/locale -l ko -w 118 \
	  --no-fuzzy-matching --ignore-obsolete

clean:
	rm -rf .venv dist build

.venv/created.stamp:
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("okrsync needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/created.stamp requirements/run.txt requirements/build.txt pyproject.toml
	@echo "Installing okrsync into .venv (once) ..."
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	@echo "Installing the tools for tests into .venv (once) ..."
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@
