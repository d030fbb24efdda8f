# What a developer does here. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ROOMS := app.py logs.py settings.py bot commands console core coupon_pages db pos simulator web workers

# Tests of a whole shop in which few seconds are what is proven, or a browser waits: each has the machine to itself.
ALONE := tests/proof/test_crashes.py tests/system/test_main_job.py tests/system/test_redemption_race.py

.DEFAULT_GOAL := help
.PHONY: help demo test prove bench lighthouse lint format serve migration requirements clean

help:  ## list what there is to do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null || grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST)

demo: .venv/.runs  ## set everything up and open a shop with a phone to try it on (Ctrl-C closes it)
	@exec $(BIN)/flask demo

test: .venv/.develops  ## set everything up and run all tests, on SQLite and PostgreSQL
	@$(PYTHON) tools/browser.py
	$(if $(PYTEST),$(BIN)/pytest $(PYTEST),$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(addprefix --ignore ,$(ALONE)) && $(BIN)/pytest $(ALONE))

prove: .venv/.develops  ## races, crashes, restarts and old data in their long form (an hour; PROVE_SEED=... repeats one)
	PROVE=1 $(BIN)/pytest tests/proof tests/system/test_redemption_race.py tests/system/test_killed_demo.py tests/coupon_pages/test_barcodes.py --capture no

bench: .venv/.develops  ## measure what it costs, each as a ratio (BENCH="redeem page --seconds 10" for a part)
	@$(BIN)/python -m bench $(BENCH)

lighthouse: .venv/.develops  ## have Google's Lighthouse judge the coupon's page (needs npm's registry once)
	@$(PYTHON) tools/browser.py
	@PYTHONPATH=. $(BIN)/python tools/lighthouse.py

lint: .venv/.develops  ## ruff, mypy strict, and the directions of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(ROOMS) bench tests tools
	$(BIN)/lint-imports

format: .venv/.develops  ## let ruff put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

serve: .venv/.runs  ## the web server alone, settings from the environment (and .env, if there is one)
	@if [ -f .env ]; then set -a; . ./.env; set +a; fi; \
	exec $(BIN)/gunicorn --workers 2 --worker-class web.patience.Worker --threads 64 --no-control-socket --bind "0.0.0.0:$${PORT:-8000}" 'app:create_app()'

migration: .venv/.develops  ## write a migration from what the tables declare (make migration MESSAGE="...")
	$(BIN)/flask db revision "$(MESSAGE)"

requirements: .venv/.develops  ## pin requirements.in and requirements-dev.in anew
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-emit-index-url --no-emit-find-links -o requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --upgrade --strip-extras --no-header --no-emit-index-url --no-emit-find-links -o requirements-dev.txt requirements-dev.in

clean:  ## remove the virtual environment and the demo's data
	rm -rf .venv var

.venv/.runs: requirements.txt tools/environment.py
	@$(PYTHON) tools/environment.py requirements.txt
	@touch $@

.venv/.develops: .venv/.runs requirements-dev.txt
	@$(PYTHON) tools/environment.py requirements.txt requirements-dev.txt
	@touch $@
