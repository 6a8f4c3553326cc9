# `make demo` serves the page, `make test` checks everything, `make quick` the most of it. They set up what they need, once.

VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled modules are kept: the tests start a hundred processes, and each would compile all of Facet again.
unexport PYTHONDONTWRITEBYTECODE
# Processes that share the tests; a file stays in one of them, for what its tests share is made once.
WORKERS ?= 2

.PHONY: demo test soak quick lint docs format clean

demo: $(VENV)/.installed
	$(VENV)/bin/facet serve $(ARGS)

test: $(VENV)/.tools $(VENV)/.browser lint
	FACET_CHROMIUM="$$(cat $(VENV)/.browser)" OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} \
		$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# What takes minutes, kills processes or needs Ray: not part of `make test`.
soak: $(VENV)/.tools
	$(PY) -m pip install --quiet --editable ".[test,spaces,mcp,ray]"
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(PY) -m pytest -q -m soak $(ARGS)

# Under a minute on two quiet cores; what is in it stands in tests/quick.txt.
quick: $(VENV)/.tools lint
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} $(PY) -m pytest -q -n $(WORKERS) --dist loadfile @tests/quick.txt $(ARGS)

lint: $(VENV)/.tools
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	PYTHONPATH=. $(VENV)/bin/lint-imports

docs: $(VENV)/.installed
	$(VENV)/bin/facet docs --built-in --out docs/editors.md
	$(VENV)/bin/facet docs --built-in --api --out docs/api.md

format: $(VENV)/.tools
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf $(VENV)

# torch is bound by requirements.txt, which is part of the same pip command: nothing can pull in another one.
$(VENV)/.installed: requirements.txt pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --editable .
	touch $@

$(VENV)/.tools: requirements.txt pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --editable ".[test,spaces,mcp]"
	touch $(VENV)/.installed $@

$(VENV)/.browser: .ci/browser | $(VENV)/.tools
	.ci/browser $(PY) > $@

$(PY):
	python=$$(.ci/python) && "$$python" -m venv $(VENV)
