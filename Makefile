# Portal MPP. `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup run test faults pictures lighthouse check format lint types imports templates english migrations deploy bench fix messages lock clean

PY := .venv/bin/python
UV ?= uv
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
# What is installed is noted in these two files, so that later starts are quick.
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
# A test process for each core and one more, at most four; whole files, since some share a server.
SIDE_BY_SIDE := -n logical --maxprocesses=4 --dist loadfile --no-loadscope-reorder
AUDITS := tools/lighthouse/node_modules/.ready
AS_ROOT := $(if $(filter 0,$(shell id -u)),,sudo)
INPUTS := pyproject.toml uv.lock requirements.txt requirements-dev.txt

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F'|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

setup: $(READY_DEV) ## the environment in .venv, with everything for tests

run: $(READY) ## the whole portal on http://127.0.0.1:8000 (PORT=8123 MALL=kutim OPEN=real)
	@exec $(PY) -m mpp.runtime run

test: $(READY_DEV) ## every test (ARGS="-k word", ARGS="-n0 --pdb")
	@exec $(PY) -m pytest $(SIDE_BY_SIDE) $(ARGS)

faults: $(READY_DEV) ## servers killed, hung, and their clocks wrong (a quarter of an hour; ARGS="-k r01")
	@[ -n "$(ARGS)" ] || REQUIRE_BROWSER=1 $(PY) -m pytest -m long tests/e2e tests/core
	@REQUIRE_BROWSER=1 exec $(PY) -m pytest -c tests/faults/pytest.ini tests/faults $(ARGS)

pictures: $(READY_DEV) ## every page as a picture, into var/pictures (DOCS=1: the README's too)
	@REQUIRE_BROWSER=1 DOCS=$(DOCS) exec $(PY) -m pytest -n0 -q tests/pictures $(ARGS)

lighthouse: $(READY_DEV) $(AUDITS) ## Lighthouse and axe on the pages, into var/lighthouse (needs Node 18.16; ARGS="-k axe")
	@command -v chromium >/dev/null || { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) apt-get install -qq -y --no-install-recommends chromium; }
	@REQUIRE_BROWSER=1 exec $(PY) -m pytest -n0 -q tests/lighthouse $(ARGS)

check: lint types imports templates english migrations deploy test ## all that CI runs

lint: $(READY_DEV) ## format and lint
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: $(READY_DEV) ## mypy --strict
	SECRET_KEY=types DATABASE_URL=postgres:///types REDIS_URL=unix:///types $(PY) -m mypy .

imports: $(READY_DEV) ## imports only look down
	.venv/bin/lint-imports

templates: $(READY_DEV) ## djlint
	.venv/bin/djlint --lint --quiet templates

english: $(READY_DEV) ## no text without its English (needs gettext)
	$(PY) -m tools.messages --check

migrations: $(READY_DEV) ## no model without its migration
	$(PY) manage.py makemigrations --check --dry-run

deploy: $(READY_DEV) ## settings of a real server
	@secret=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(64))'); \
	MPP_DEMO=0 LOAD_TEST=0 HTTPS=1 SECRET_KEY=$$secret ALLOWED_HOSTS=mpp.example.go.id PUBLIC_URL=https://mpp.example.go.id \
	$(PY) manage.py check --deploy --fail-level WARNING

bench: $(READY_DEV) ## numbers under pressure, beside the database's own
	@exec $(PY) -m bench $(ARGS)

fix: $(READY_DEV) ## format, and repair what ruff can
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

messages: $(READY_DEV) ## collect the texts for locale/en, and compile it (needs gettext)
	$(PY) -m tools.messages

lock: ## renew uv.lock and the two requirements files (needs uv)
	$(UV) lock
	$(UV) export --quiet --frozen --all-extras --no-dev --output-file requirements.txt
	$(UV) export --quiet --frozen --all-extras --output-file requirements-dev.txt

clean: ## caches; the data in var/ stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles var/bytecode
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

$(READY): $(INPUTS)
	@echo 'Memasang lingkungan di .venv (sekali saja)…'
	@if command -v $(UV) >/dev/null 2>&1; then \
		$(UV) sync --quiet --frozen --all-extras --no-dev --inexact; \
	else \
		$(find_python) && $$python -m venv .venv && $(PIP) -r requirements.txt; \
	fi
	@touch $@

$(READY_DEV): $(INPUTS)
	@echo 'Memasang lingkungan di .venv (sekali saja)…'
	@if command -v $(UV) >/dev/null 2>&1; then \
		$(UV) sync --quiet --frozen --all-extras; \
	else \
		$(find_python) && $$python -m venv .venv && $(PIP) -r requirements-dev.txt; \
	fi
	@touch $(READY) $@

$(AUDITS): tools/lighthouse/package-lock.json
	@command -v npm >/dev/null || { echo 'Perlu Node 18.16 atau lebih baru, dengan npm.' >&2; exit 1; }
	@echo 'Memasang Lighthouse di tools/lighthouse (sekali saja)…'
	@npm ci --prefix tools/lighthouse --silent --no-audit --no-fund
	@touch $@

# A Python 3.11 or 3.12 that can make environments; asked, not guessed, since a name may be an empty shim. The system's
# comes first: it is built with optimisations, and one built by hand often is not, which costs a third of its speed.
define find_python
python=; \
for name in /usr/bin/python3.12 /usr/bin/python3.11 python3.12 python3.11 python3; do \
	if $$name -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; \
	then python=$$name; break; fi; \
done; \
if [ -z "$$python" ]; then \
	echo 'Perlu Python 3.11 atau 3.12 dengan modul venv (Debian: apt install python3 python3-venv), atau uv.' >&2; \
	exit 1; \
fi
endef
