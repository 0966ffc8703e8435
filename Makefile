# Everything runs in .venv, which `make setup` makes from constraints.txt. PYTHON chooses the interpreter: make PYTHON=python3.13 demo
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo peers test claims long mutants lint type bench size clean

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

TORCH := torch==2.13.0
peers: .venv/ready-dev  ## PyTorch, which tests and benchmarks compare with; tests skip what needs it where it cannot be installed
	@$(BIN)/python -c 'import torch; assert torch.__version__.startswith("2.13.0")' 2>/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)+cpu || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH) || \
		echo "PyTorch could not be installed: the tests that compare with it are skipped"

demo: .venv/ready  ## train on real data, print the equations, write a report
	@$(BIN)/gradiens demo

test: .venv/ready-dev peers  ## the usual suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

claims: .venv/ready-dev  ## every section of the book and all its claims
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m claims tests/book/test_claims.py

long: .venv/ready-dev peers  ## the full-size runs
	$(BIN)/python -m pytest -m long

mutants: peers  ## each sum of the methods' formulas changed: do their tests see it? Writes docs/mutants.md
	$(BIN)/python -m tests.mutation

lint: .venv/ready-dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

type: .venv/ready-dev
	$(BIN)/pyright

bench: .venv/ready-dev peers  ## ours beside the peers; writes benchmarks/results.json and benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

size: .venv/ready-dev  ## lines of code by package, and the files that outgrow their idea
	$(BIN)/python -m benchmarks.size

clean:
	rm -rf .venv build *.egg-info
