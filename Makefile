# `make demo` processes sample applications, `make test` runs the everyday tests; both set up what they need first.
# Needs python3 (3.11 or newer) with its venv module, and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Without its caches of compiled modules, each process of the tests would compile all of them again: half a minute.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := check
.PHONY: check setup demo run test test-slow test-all lint pictures lengths axe bench bench-rivals fuzz soak docs format wheelhouse lock clean

check: lint test

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mailbot needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## the story of four applications, told with a real desk on loopback
	@$(BIN)/mailbot demo

run: $(READY)  ## a desk on loopback with the sample register, until Ctrl-C
	@test -e store/run/config.toml || $(BIN)/mailbot init store/run --sample --phone "" >/dev/null
	@$(BIN)/mailbot --config store/run/config.toml serve

# SQLite waits for the disk at each commit: the everyday tests keep their stores in memory where 1 GB of it is free.
MEMORY := /dev/shm
# One more than there are processors: a quarter of the time of two workers is waiting for timeouts and other processes.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test: export TMPDIR ?= $(shell test -w $(MEMORY) && test "$$(df -Pk $(MEMORY) | awk 'END {print $$4}')" -gt 1000000 && echo $(MEMORY) || echo /tmp)
test: $(READY)  ## the everyday tests: SQLite, no servers; about 3 minutes on 2 cores
	@echo 'Left to `make test-all`: PostgreSQL, Postfix, Dovecot, Chromium, mutt, swaks; kills, races, power loss, the long worked year, the largest bombs.'
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m 'not slow'

AXE := tests/browser/node_modules/axe-core
axe: $(AXE)  ## axe-core from the npm registry, which judges the pages in the tests

$(AXE): tests/browser/package-lock.json
	@npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --silent && touch $@ || \
	  echo 'axe-core was not installed (Debian: npm): the pages are not judged' >&2

test-slow: $(READY) axe  ## what `make test` leaves out; a server that is not installed is skipped, with CI=true it is a failure
	@$(BIN)/python -m pytest -n auto --dist loadgroup -m slow -rs --durations=20

test-all: test test-slow

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(READY)  ## write the generated pages anew
	@$(BIN)/python -c 'import mailbot.config_example as c; print(c.example_toml(), end="")' > config.example.toml
	@MAILBOT_UPDATE_DOCS=1 $(BIN)/python -m pytest tests/test_docs.py

pictures: $(READY)  ## draw notices and pages into docs/pictures, and print the notices' lengths (Debian: chromium chromium-driver fonts-noto-cjk)
	@$(BIN)/python -m tests.pages.pictures

lengths: $(READY)  ## make lengths NAMES="received completed": phone screens and bytes of each notice in tests/notices/golden
	@$(BIN)/python -m tests.pages.pictures --lengths $(NAMES)

corpus: $(READY)  ## make corpus DIR=folder: read any folder of .eml files as the desk would
	@test -n "$(DIR)" || { echo 'say which folder: make corpus DIR=path/to/mails' >&2; exit 2; }
	@$(BIN)/mailbot corpus "$(DIR)"

bench: $(READY)  ## shared commits, inbox and outbox; costly mails; memory
	@$(BIN)/python bench/inbox_commit.py
	@$(BIN)/python -m bench.delivery
	@$(BIN)/python -m bench.bombs
	@$(BIN)/python -m bench.register_import
	@$(BIN)/python -m bench.smtp_memory

bench-rivals: $(READY)  ## make bench-rivals ONLY="intake growth" QUICK=1: beside Postfix, Mailman, Roundup, django-helpdesk, which it installs (needs root)
	@$(BIN)/python -m bench.rivals $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

fuzz: $(READY)  ## make fuzz SECONDS=60: coverage-guided fuzzing of the readers (atheris, CPython 3.11 to 3.13 on x86-64)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	@$(BIN)/python bench/fuzz.py --seconds $(or $(SECONDS),60)

soak: $(READY)  ## make soak SCALE=0.1: kills, races and power losses by the thousand on both databases; 1 takes many hours
	@$(BIN)/python -m bench.soak --scale $(or $(SCALE),1)

wheelhouse: $(READY)  ## dist/wheelhouse: everything that a machine needs to install mailbot, without an index
	@rm -rf dist/wheelhouse && mkdir -p dist/wheelhouse
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist/wheelhouse .
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --constraint requirements.txt --find-links dist/wheelhouse \
	  --wheel-dir dist/wheelhouse 'mailbot-desk[postgres]'

lock:  ## resolve the dependencies anew (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --quiet --output-file requirements.lock
	@uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --constraint requirements.lock \
	  --no-header --no-annotate --quiet --output-file requirements.txt

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
