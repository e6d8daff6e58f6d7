# One command a chore, the same by hand and in CI. `make` alone lists them.
#
# PYTHON=python3.13 make …   another interpreter       ARGS="-k sitemap" make test   arguments for the command behind it

VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
TARGET ?= pages

.DEFAULT_GOAL := help
.PHONY: help demo test check chaos fuzz mutants lint format docs names picture screenshots pins release clean

help:
	@echo 'make demo     installs hirewatch into .venv and shows it at work on a career site on this machine'
	@echo 'make test     the same for the tests, and runs them'
	@echo 'make lint     style, types and the direction of imports only'
	@echo 'make check    lint, then the tests that take no longer than ten seconds each'
	@echo 'make chaos    the kill tests at full size: half a thousand deaths and a fault at every step; takes hours'
	@echo 'make fuzz     TARGET=pages: mutations for one reader of outside input (tests/fuzzing), ten minutes; needs Atheris'
	@echo 'make mutants  changes the rules one by one and tells which changes no test notices; twenty minutes; needs mutmut'
	@echo 'make format   puts the code into the house format'
	@echo 'make docs     writes the generated part of docs/ anew (make picture: docs/demo.svg, from a run of the demo)'
	@echo 'make names    writes the names of countries, languages, currencies and months anew, after a new Babel'
	@echo 'make screenshots   pictures of the pages, from a run of the demo; needs Chromium'
	@echo 'make pins     compiles requirements/*.txt anew from pyproject.toml (needs uv)'
	@echo 'make release  VERSION=0.1.0: prepares that release in the checkout (docs/releasing.md); commits nothing'
	@echo 'make clean    removes .venv and what tools left behind'

demo: $(VENV)/.main
	$(BIN)/hirewatch demo $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: lint
	$(BIN)/python -m pytest -m 'not slow' $(ARGS)

chaos: $(VENV)/.test
	$(BIN)/python -m pytest -m chaos -o faulthandler_timeout=0 $(ARGS)

fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzzing $(TARGET) $(ARGS)

# names of mutants: ARGS='postings.life*' make mutants; what is left: .venv/bin/mutmut results
mutants: $(VENV)/.test
	HYPOTHESIS_PROFILE=mutants $(BIN)/python -m mutmut run --max-children 2 $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(VENV)/.test
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: $(VENV)/.test
	$(BIN)/python docs/command_line.py
	$(BIN)/python docs/api_reference.py
	$(BIN)/python docs/record_reference.py

names: $(VENV)/.test
	$(BIN)/python -m postings.normalise.names.from_babel

picture: $(VENV)/.test
	$(BIN)/hirewatch demo --pause 0 | $(BIN)/python docs/picture.py

screenshots: $(VENV)/.test
	$(BIN)/python docs/screenshots.py

# the pins hold hashes and no addresses, so that any index can serve them
COMPILE := uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header --no-annotate
SERVER := $(foreach extra,files kafka mysql nats parquet postgres redis,--extra $(extra))
pins:
	$(COMPILE) -o requirements/main.txt pyproject.toml
	$(COMPILE) -o requirements/test.txt pyproject.toml --extra test
	$(COMPILE) -o requirements/server.txt -c requirements/test.txt pyproject.toml $(SERVER)
	$(COMPILE) -o requirements/build.txt -c requirements/test.txt requirements/build.in

release: $(VENV)/.test
	$(BIN)/python docs/release.py $(VERSION)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build dist mutants
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# a second run finds its stamp and starts at once
$(VENV)/.main: pyproject.toml requirements/main.txt requirements/build.txt requirements/install.sh
	@requirements/install.sh main

$(VENV)/.test: pyproject.toml requirements/test.txt requirements/build.txt requirements/install.sh
	@requirements/install.sh test
