# emotion-edge: `make run` shows it working, `make test` proves it; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
# On JetPack the TensorRT binding belongs to the system's Python: make VENV_ARGS=--system-site-packages
VENV_ARGS ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
EXTRAS ?=
MINUTES ?= 5
# Tests wait for brokers, streams and clocks as often as they compute: two processes more than there are cores.
WORKERS ?= $(shell cores=$$(nproc 2>/dev/null || echo 1); echo $$((cores < 6 ? cores + 2 : 8)))
# Tests start hundreds of Pythons: each would compile the package anew where the environment forbids to keep that.
export PYTHONDONTWRITEBYTECODE :=
TORCH ?= 2.13.0
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

.PHONY: help run test fuzz test-faults lint audit test-pythons test-bare test-tensorrt test-home-assistant test-booted install uninstall deb clean screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 24

$(VENV)/.base: pyproject.toml systemd/packages.sh
	@PYTHON=$(PYTHON) systemd/packages.sh run
	@echo "setup: Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV_ARGS) $(VENV)
	@$(PIP) install --upgrade pip || { echo "setup: pip cannot reach a package index; check the network or pip's settings" >&2; exit 1; }
	@$(PIP) install --editable '.[demo,plot$(if $(EXTRAS),$(comma)$(EXTRAS))]'
	@touch $@

comma := ,

$(VENV)/.run: $(VENV)/.base
	@$(BIN)/emotion-edge fetch-detector
	@touch $@

$(VENV)/.test: $(VENV)/.base
	@PYTHON=$(PYTHON) systemd/packages.sh test
	@echo "setup: PyTorch $(TORCH) (CPU build) and the test tools"
	@$(PIP) install 'torch==$(TORCH)+cpu' 2>/dev/null \
	  || $(PIP) install --index-url $(TORCH_INDEX) 'torch==$(TORCH)' \
	  || { echo "setup: no CPU build of torch $(TORCH) to be had; set TORCH_INDEX to an index that has one" >&2; exit 1; }
	@$(PIP) install --editable '.[demo,dev,train]'
	@touch $@

run: $(VENV)/.run ## the daemon on the sample clip with an embedded broker [DURATION=s] [PORT=n] [SOURCE=device]
	@$(BIN)/emotion-edge demo $(if $(DURATION),--duration $(DURATION)) $(if $(PORT),--port $(PORT)) $(if $(SOURCE),--source $(SOURCE))

lint: $(VENV)/.test ## ruff, mypy and bandit
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/bandit --quiet --severity-level medium --recursive edge build_engines.py

audit: $(VENV)/.test ## known weaknesses of the installed packages; asks an advisory service over the network
	@$(PIP) install pip-audit
	@$(BIN)/pip-audit --local --skip-editable

test: $(VENV)/.run $(VENV)/.test ## tests, then ruff, mypy and bandit; EMOTION_EDGE_DATA adds those on real data [PYTEST_ARGS=...]
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)
	@$(MAKE) --no-print-directory lint

fuzz: $(VENV)/.run $(VENV)/.test ## damaged input into every parser [MINUTES=5 for each]
	@FUZZ_SECONDS=$$(( $(MINUTES) * 60 )) $(BIN)/python -m pytest -q --numprocesses $(WORKERS) tests/fuzz $(PYTEST_ARGS)

test-faults: $(VENV)/.run $(VENV)/.test ## break everything around the real daemon; writes docs/reliability.md, 15 minutes
	@rm -rf build/faults && mkdir -p build/faults
	@EMOTION_EDGE_FAULTS=all FAULTS_REPORT=$(CURDIR)/build/faults $(BIN)/python -m pytest -q \
	  --numprocesses 2 --dist loadscope tests/faults $(PYTEST_ARGS); status=$$?; \
	  $(BIN)/python tests/faults/report.py build/faults docs/reliability.md; exit $$status

test-pythons: ## `make run` and the quick tests on every Python found, 3.10 to 3.14, and with the lowest versions
	@tests/pythons/run.sh $(PYTHONS)

test-bare: ## run and test in a bare Debian tree, as root and as a user; as root, 20 minutes [BARE_ARGS=...]
	@tests/bare/run.sh $(BARE_ARGS)

test-tensorrt: $(VENV)/.test ## TensorRT without a GPU: real bindings, real compiler, fake driver [PYTEST_ARGS=...]
	@tests/gpu/test.sh $(PYTEST_ARGS)

test-home-assistant: $(VENV)/.run ## a real Home Assistant on a real broker; needs Python 3.13 [HA_PYTHON=...]
	@tests/home_assistant/run.sh $(HA_PYTHON)

test-booted: ## the service in a booted systemd (nspawn); as root, about 5 minutes
	@systemd/test-booted.sh

screenshots: $(VENV)/.run $(VENV)/.test ## pictures of the page for README and docs, in docs/
	@$(BIN)/python -m benchmarks.screenshots

install: ## the systemd service, or its upgrade; as root [INSTALL_ARGS=...]
	@systemd/install.sh $(INSTALL_ARGS)

uninstall: ## remove the service, keep the configuration; as root [UNINSTALL_ARGS=...]
	@systemd/uninstall.sh $(UNINSTALL_ARGS)

deb: ## a Debian package in dist/
	@systemd/build_deb.sh

clean: ## remove what make has made
	rm -rf $(VENV) .venv-* build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
