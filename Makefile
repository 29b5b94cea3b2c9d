# make run: install, start the desk, stop it with Ctrl-C. make test: the suite. make check: everything else.

PORT ?= 8000
PYTHON ?= python3
# Processes that run tests at a time.
JOBS ?= 2

VENV := .venv
BIN := $(VENV)/bin
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder
FAST := accounts architecture articles comments concordance dashboard exports feed formats intake project releases review \
	spans suggesters suggestions text
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
VERSION_CHECK := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# A desk and its tests start many processes: each would compile all of the project anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install backup restore test test-fast test-slow test-all check schema client screenshots

run: install
	@exec $(BIN)/python -m corpusapp.desk --port $(PORT)

install: $(VENV)/installed

# make backup TO=my-desk.tar; make restore FROM=my-desk.tar CORPUSAPP_HOME=an-empty-folder
backup: install
	@test -n "$(TO)" || { echo "Say where to: make backup TO=my-desk.tar" >&2; exit 1; }
	@exec $(BIN)/python manage.py backup "$(TO)"

restore: install
	@test -n "$(FROM)" || { echo "Say of what: make restore FROM=my-desk.tar CORPUSAPP_HOME=an-empty-folder" >&2; exit 1; }
	@exec $(BIN)/python manage.py restore "$(FROM)"

# The suite without what is slow by nature: several systems side by side, clients made of the schema.
test: $(VENV)/installed-for-tests
	@$(PYTEST) $(or $(TESTS),-m "not slow")

# Kernels and apps alone: no page or REST tests across apps, no process, no browser.
test-fast: $(VENV)/installed-for-tests
	@$(PYTEST) -m "not slow and not processes and not browser" $(addprefix tests/,$(FAST))

test-slow: $(VENV)/installed-for-tests
	@$(PYTEST) -m slow

# Everything, each test once.
test-all: test
	@$(MAKE) --no-print-directory test-slow

check: $(VENV)/installed-for-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/vulture
	@$(BIN)/biome ci --error-on-warnings
	@$(BIN)/djlint --lint --quiet templates
	@.ci/check-project $(BIN)/python

# Write the committed OpenAPI schema anew.
schema: $(VENV)/installed-for-tests
	@.ci/check-project $(BIN)/python --write

# The Python client as a wheel in dist, the same that a desk serves.
client: install
	@cd corpusapp/client && exec $(CURDIR)/$(BIN)/python -m hatchling build --target wheel --directory $(CURDIR)/dist

# Pictures of each page, light and dark, wide and narrow, in var/screenshots; the README's in static/screenshots too.
screenshots: $(VENV)/installed-for-tests
	@$(BIN)/python -m tests.screenshots

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON) here: install Python 3.11 to 3.13, or name one: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c '$(VERSION_CHECK)' || { \
		echo "$$($(PYTHON) --version) is not 3.11 to 3.13: install one of these, or name it: make run PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python cannot make a virtual environment: on Debian and Ubuntu, apt-get install python3-venv" >&2; exit 1; }

# A stamp each, so that installing is quick where the requirements have not changed.
$(VENV)/installed: requirements.txt | $(BIN)/python
	@echo "Installing the requirements (some minutes the first time) …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/installed-for-tests: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing the requirements and what the tests need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/installed
