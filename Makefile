# The two that matter are `make demo` and `make test`; both set up what they need.
#
# A release, step by step:
#   1. write the version into pyproject.toml and CHANGELOG.md
#   2. make lint test wheel
#   3. commit, tag vX.Y.Z

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo test clients kill mutations bench lint typing golden docs wheel clean

demo: $(VENV)/.runtime  ## the whole journey against the local org emulator, in ./demo-run
	$(RUN) -m migrator demo

test: $(VENV)/.dev  ## every test; needs no org and no network
	$(RUN) -m pytest -q -n auto --dist loadfile

clients: $(VENV)/.dev  ## sf, CumulusCI, SFDMU, jsforce ... against the local org; downloads them
	$(RUN) -m tests.clients.install
	$(RUN) -m pytest -q tests/clients

kill: $(VENV)/.dev  ## kill a copy at each of its requests and at a hundred moments, three quarters of an hour
	$(RUN) -m tests.pipeline.killing

mutations: $(VENV)/.dev  ## copy with fifty mistakes, in the copy or in both verbs, and reconcile each, minutes
	$(RUN) -m tests.pipeline.mutating
	$(RUN) -m tests.pipeline.shared_mistakes

bench: $(VENV)/.bench  ## the copy against a plain script, the local org; half an hour; writes benchmarks/RESULTS.md
	$(RUN) -m benchmarks.copy --flat 250000 1000000 --write
	$(RUN) -m benchmarks.emulator --write

lint: $(VENV)/.dev typing  ## style, types, import contracts, spelling
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/codespell

typing: $(VENV)/.dev
	$(VENV)/bin/mypy

golden: $(VENV)/.dev  ## rewrite the expected output; review it as a diff
	$(RUN) -m tests.golden.regenerate

docs: $(VENV)/.dev  ## rewrite the pages made from the program: commands, findings, treatments
	$(RUN) -m tests.docs.commands
	$(RUN) -m tests.docs.findings
	$(RUN) -m tests.docs.treatments

wheel: $(VENV)/.dev  ## build the wheel, install it into an empty venv elsewhere, run the demo
	$(RUN) -m tests.installed_wheel

clean:
	rm -rf $(VENV) build dist demo-run .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$@ install -q --upgrade "pip>=25.1"

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/pip
	$(VENV)/bin/pip install -q -e .
	touch $@

$(VENV)/.bench: $(VENV)/.runtime
	$(VENV)/bin/pip install -q --group bench
	touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(VENV)/bin/pip install -q --group dev
	touch $@
