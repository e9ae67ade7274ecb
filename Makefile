# The project's commands. `make` alone lists them. A command creates .venv first if it needs one.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# A PYTHON given as an argument is the only one tried; a PYTHON of the environment is tried first.
ifeq ($(origin PYTHON),command line)
PYTHONS := $(PYTHON)
else
PYTHONS := $(PYTHON) python3.12 python3.11 python3.13 python3
endif
FITS := import sys; sys.exit(not (3, 11, 2) <= sys.version_info[:3] < (3, 14))

# Without bytecode files, each of hundreds of processes would compile the portal again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install demo test check bench faults lock format

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Create .venv with all requirements, each pinned and hashed

# Each interpreter is run before it is used: version managers leave commands behind that only print an error.
$(STAMP): requirements-dev.txt
	@fail() { echo "make: $$*" >&2; exit 1; }; \
	mkdir -p $(VENV) 2>/dev/null && touch $(VENV)/.writable 2>/dev/null || \
		fail "$(CURDIR) cannot be written; clone the project to a folder of your own."; \
	rm -f $(VENV)/.writable; \
	if ! $(BIN)/python -c '$(FITS)' 2>/dev/null || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=""; seen=""; \
		for candidate in $(PYTHONS); do \
			if "$$candidate" -c '$(FITS)' 2>/dev/null; then python="$$candidate"; break; fi; \
			version=$$("$$candidate" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) && \
				seen="$$seen; $$candidate is $$version"; \
		done; \
		[ -n "$$python" ] || fail "Python 3.11.2 to 3.13 is needed$${seen:-; none was found}. PYTHON=… names one."; \
		"$$python" -m venv --clear $(VENV) >/dev/null 2>&1 || \
			fail "$$python cannot make a virtual environment; on Debian, apt install python3-venv helps."; \
	fi; \
	echo "Installing the requirements into $(VENV) …"; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.txt || \
		fail "the requirements could not be installed; the lines above say why."; \
	touch $@

demo: $(STAMP) ## Start everything on this machine; EXIT=1 stops by itself, PORT=0 takes any free port
	@exec $(BIN)/python manage.py demo $(if $(filter-out 0,$(EXIT)),--exit)

# Parallel test processes, each with its own Redis, database and workers; a process that is done early takes tests from the
# others. There are more of them than cores, since tests that drive browsers or kill workers wait most of the time.
BESIDE := -n 3 --dist worksteal

test: $(STAMP) ## Run all tests, on SQLite and PostgreSQL, with a minimum coverage
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(BESIDE) -m "not slow_faults"
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	TEST_DATABASE=postgresql $(BIN)/python -m pytest $(BESIDE) -m "databases and not slow_faults" \
		$$(grep -rl --include="test_*.py" mark.databases tests)

check: $(STAMP) ## Check style, types, layers, templates, migrations, and Django's own checks for production
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	PYTHONPATH=.:numbers $(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/djlint templates --check --quiet
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && export VAR_DIR="$$folder" && \
	$(BIN)/python manage.py makemigrations --check --dry-run && \
	$(BIN)/python manage.py vault new-keyset --out "$$folder/keyset.json" && \
	$(BIN)/python manage.py history new-key --out "$$folder/checkpoint-key" && \
	PORTAL_ENV=production SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	ALLOWED_HOSTS=portal.example.com DATABASE_URL=postgres://portal@127.0.0.1/portal \
	REDIS_URL=rediss://:password@127.0.0.1/0 EMAIL_URL=smtp+tls://127.0.0.1:587 VAULT_KEYSET_FILE="$$folder/keyset.json" \
	CHECKPOINT_KEY_FILE="$$folder/checkpoint-key" \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(STAMP) ## Measure speed, in tests/bench
	$(BIN)/python -m pytest tests/bench -s -o python_files='bench_*.py'

faults: $(STAMP) ## Kill processes, cut connections and starve them for a long time
	$(BIN)/python -m pytest -s -m "faults or slow_faults"
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -s -m "databases and (faults or slow_faults)"

format: $(STAMP) ## Format code and templates
	$(BIN)/ruff check --fix --quiet
	$(BIN)/ruff format
	$(BIN)/djlint templates --reformat --quiet

# One lock for every Python from 3.11.2 on, with markers if they need different packages.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11.2 --generate-hashes --strip-extras \
	--no-emit-index-url --no-header

lock: $(STAMP) ## Pin what the .in files name; UPGRADE=1 takes the newest versions
	$(LOCK) $(if $(UPGRADE),--upgrade) --output-file requirements-dev.txt requirements-dev.in
	$(LOCK) $(if $(UPGRADE),--upgrade) --constraint requirements-dev.txt --output-file requirements.txt requirements.in
