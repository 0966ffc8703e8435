# Everything runs in .venv, which `make setup` makes from constraints.txt. PYTHON chooses the interpreter: make PYTHON=python3.13 demo
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test long lint type bench size clean

setup: .venv/ready
.venv/ready: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "expected Python 3.11 or newer, got $$($(PYTHON) --version); run: make PYTHON=python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/ready-dev: .venv/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: .venv/ready  ## train on real data, print the equations, write a report
	@$(BIN)/gradiens demo

test: .venv/ready-dev  ## the usual suite
	$(BIN)/python -m pytest -n 2

long: .venv/ready-dev  ## the full-size runs
	$(BIN)/python -m pytest -m long

lint: .venv/ready-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

type: .venv/ready-dev
	$(BIN)/pyright

bench: .venv/ready-dev  ## ours beside the peers; writes benchmarks/results.json and benchmarks/RESULTS.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0+cpu || $(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m benchmarks

size: .venv/ready-dev  ## lines of code by package, and the files that outgrow their idea
	$(BIN)/python -m benchmarks.size

clean:
	rm -rf .venv build *.egg-info
