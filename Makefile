# The only front door. `make help` prints it.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
UV ?= $(shell command -v uv)
SEEDS ?= 200
RUNS ?= 20000
export PYTHONHASHSEED ?= 0

.DEFAULT_GOAL := help

help: ## print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed ## make .venv with the locked dependencies and the project; nothing the second time

$(VENV)/.installed: requirements.lock requirements-build.lock pyproject.toml $(wildcard chain/kernel/*.[ch] derivatives/kernel/*.[ch] derivatives/*/kernel/*.[ch])
	@sh .ci/system-packages "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
ifneq ($(UV),)
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --require-hashes --no-build-isolation --compile-bytecode requirements-build.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --require-hashes --no-build-isolation --compile-bytecode -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-build-isolation --no-deps -e .
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
endif
	@touch $@

up: install ## start a four-authority network, print its URLs and accounts; Ctrl-C stops it
	@$(BIN)/novation devnet up

check: install ## everything a change must pass, fixed seeds, under 30 minutes on two cores
	@$(MAKE) --no-print-directory -j2 --output-sync=target quick simulation
	@$(MAKE) --no-print-directory interop

quick: format lint types unit ## format, lint, types, laws, unit and scenario tests

format: install
	$(BIN)/ruff format --check .

lint: install
	$(BIN)/ruff check .

types: install
	$(BIN)/mypy

unit: install
	$(BIN)/python -m pytest -q -m "not interop and not simulation"

simulation: install ## consensus under a seeded network that drops, delays, splits, crashes and lies
	$(BIN)/python -m pytest -q -m simulation

interop: install ## real processes over real sockets, alone
	$(BIN)/python -m pytest -q -m interop

simulate: install ## fresh seeds, of cores and of whole nodes: make simulate SEEDS=1000
	$(BIN)/python -m tests.simulation.run --fresh $(SEEDS)
	$(BIN)/python -m tests.simulation.nodes.run --fresh $(SEEDS)

fuzz: install ## strike every door: make fuzz RUNS=1000000 DOORS="calls frames"
	$(BIN)/python -m tests.fuzz.run --runs $(RUNS) $(DOORS)

STRIKING := $(CC) -O1 -g -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=all

strike: ## strike the C kernels under sanitizers, without Python: make strike RUNS=1000000
	@mkdir -p build
	$(STRIKING) -Ichain/kernel tests/kernel/trees.c chain/kernel/sha256.c chain/kernel/tree.c -o build/trees
	build/trees $(RUNS)
	$(STRIKING) -Iderivatives/margin/kernel tests/kernel/strike.c $(addprefix derivatives/margin/kernel/,scan.c many.c account.c leans.c gains.c) -o build/strike
	build/strike $(RUNS)

bench: install ## figures of docs/performance.md
	$(BIN)/python -m tests.bench.run

goldens: install ## write goldens, genesis.json and reference pages anew; the diff is the review
	NOVATION_GOLDENS=write $(BIN)/python -m pytest -q -m "not interop and not simulation" -k golden || true
	$(BIN)/python -m node.rpc.reference
	$(BIN)/python -m node.cli.reference

lock: ## resolve the dependencies anew (needs uv)
	printf 'setuptools>=74.1\nwheel\n' | uv pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 --custom-compile-command "make lock" - -o requirements-build.lock
	uv pip compile -q --generate-hashes --no-emit-index-url --extra dev --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.lock

wheel: install ## build the wheel into dist/
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

clean: ## remove the environment and what was built; never the data of a network
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help install up check quick format lint types unit simulation interop simulate fuzz strike bench goldens lock wheel clean
