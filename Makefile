# Everything a developer or a curious stranger runs. Each target sets up what it needs by itself, on a machine that
# has only Python ≥ 3.11 and make; a second run finds it done. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.DELETE_ON_ERROR:
# Names and texts are Chinese, whatever the machine's language is.
export PYTHONUTF8 := 1
# What is compiled once need not be compiled again by each of some hundred processes.
unexport PYTHONDONTWRITEBYTECODE

# The system's own comes first: distributions compile theirs with profile-guided optimization, version managers do not,
# and that is a sixth of all the time that Python takes. `make PYTHON=…` takes another.
PYTHON ?= $(shell for candidate in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$candidate && break; done)
BIN := .venv/bin
LOCKS := deploy/requirements
INSTALL = BIN=$(BIN) LOCK=$(LOCKS)/$(1).txt sh $(LOCKS)/install.sh
# A checksum of what is to be installed names the mark of what was, so that a change of branch counts, a date does not.
mark = .venv/$(1)-$(firstword $(shell cat $(2) pyproject.toml | cksum))
DEMO := $(call mark,demo,$(LOCKS)/demo.txt)
DEV := $(call mark,dev,$(LOCKS)/dev.txt)
WEB := deploy/web/built/mark-$(firstword $(shell cat deploy/web/package-lock.json deploy/web/*.js* deploy/web/*.css deploy/web/board/* | cksum))

.PHONY: help demo demo-reset test check format bench web schema lock migration

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

demo: $(DEMO) web ## Create the demo (first time) and serve it on 127.0.0.1:$JINLIN_PORT (8000)
	@exec $(BIN)/jinlin demo

demo-reset: $(DEMO) ## Delete the demo's data; the next `make demo` starts over
	@$(BIN)/jinlin demo-reset

test: $(DEV) ## Run all tests
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(DEV) ## Lint, types, floors, and whether the printed schema and the migrations are fresh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -q tests/architecture

format: $(DEV) ## Format the code and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV) ## Measure the gateway against its floor and its peers
	$(BIN)/jinlin bench

web: $(WEB) ## Install and build the board and the demo's page (GraphiQL); without npm's registry the API runs alone

schema: $(DEV) ## Print the GraphQL schema into schema/schema.graphql
	$(BIN)/jinlin schema print > schema/schema.graphql.new && mv schema/schema.graphql.new schema/schema.graphql

migration: $(DEV) ## Draft a migration from what the tables declare: make migration NAME="add cases"
	@test -n "$(NAME)" || { echo 'Say what it does: make migration NAME="add cases"' >&2; exit 2; }
	$(BIN)/jinlin migrate --draft "$(NAME)"
	$(BIN)/ruff format --quiet deploy/migrations/versions

# The lock files hold versions and hashes and no addresses: where packages come from is the machine's business.
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --annotation-style=line
lock: $(DEV) ## Lock the newest versions that pyproject.toml and the web page allow
	$(COMPILE) --upgrade -o $(LOCKS)/runtime.txt pyproject.toml
	$(COMPILE) --upgrade --extra demo -o $(LOCKS)/demo.txt pyproject.toml
	$(COMPILE) --upgrade --extra demo --extra dev -o $(LOCKS)/dev.txt pyproject.toml
	$(COMPILE) --upgrade -o $(LOCKS)/build.txt $(LOCKS)/build.in
	$(COMPILE) --upgrade -o $(LOCKS)/node.txt $(LOCKS)/node.in
	$(COMPILE) --upgrade -o $(LOCKS)/uv.txt $(LOCKS)/uv.in
	cd deploy/web && npm update --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and was not found." >&2; exit 1; }
	@echo "Making a virtual environment in .venv with $(PYTHON) …"
	@$(PYTHON) -m venv .venv

$(DEMO): | $(BIN)/python
	@echo "Installing the locked packages …"
	@$(call INSTALL,demo)
	@rm -f .venv/demo-*; touch $@

$(DEV): | $(BIN)/python
	@echo "Installing the locked packages for development …"
	@$(call INSTALL,dev)
	@rm -f .venv/demo-* .venv/dev-*; touch $(DEMO) $@

# A failure here is told on the page and is no reason not to serve the API.
$(WEB): $(DEMO)
	@BIN=$(BIN) LOCK=$(LOCKS)/node.txt sh deploy/web/install.sh && rm -f deploy/web/built/mark-* && touch $@ \
		|| echo "The board and GraphiQL could not be installed: the API runs without them; try again with \`make web\`." >&2
