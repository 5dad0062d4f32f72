# Everything runs in .venv, whatever environment is active where you call make.
.DEFAULT_GOAL := help
.PHONY: help install lab present slides pages timings test notebooks lint bench checkpoints picture fork clean \
  test-colab test-versions soak twice seeds kills interrupts devices
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV JUPYTER_PATH JUPYTERLAB_DIR MPLBACKEND
export PIP_DISABLE_PIP_VERSION_CHECK := 1

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PORT ?= 8888
NOTEBOOKS ?=
WORKERS ?= 2
# Tests run side by side, file by file, the longest first (tests/conftest.py).
PARALLEL = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
BENCH ?= names loop generate memory shakespeare word2vec models

# CPU=1: on Linux, take the build of PyTorch without CUDA. It saves some 3 GB.
ifeq ($(CPU),1)
PIP_EXTRA := --extra-index-url https://download.pytorch.org/whl/cpu
endif

# LOCKED=1: install exactly the files whose checksums stand in requirements.lock.

help:  ## list the targets
	@echo "make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | awk -F '|' '{ printf "%-14s %s\n", $$1, $$2 }'
	@echo "Add CPU=1 to lab, test or install on Linux without an NVIDIA GPU: a smaller PyTorch."

install: $(STAMP)  ## create .venv and install the course in it (a second run does nothing)

# The first Python >= 3.10 on the PATH, with venv and pip inside it.
$(STAMP): requirements.txt pyproject.toml
	@$(PY) -c 'import sys, pip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  for name in $(PYTHON) python3 python python3.14 python3.13 python3.12 python3.11 python3.10; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; \
	    then found=$$name; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "The course needs Python 3.10 or newer, and there is none on the PATH." >&2; \
	    echo "Install it from https://www.python.org/downloads/ (Debian, Ubuntu: sudo apt install python3 python3-venv)," >&2; \
	    echo "or name it: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	  if ! "$$found" -c 'import venv, ensurepip' 2>/dev/null; then \
	    echo "$$found cannot create a virtual environment: its venv module is missing." >&2; \
	    echo "Debian, Ubuntu: sudo apt install python3-venv. Then run make again." >&2; exit 1; fi; \
	  echo "Creating $(VENV) with $$found"; "$$found" -m venv --clear $(VENV); }
	@echo "Installing the course in $(VENV). The first time this takes some minutes."
	@$(PY) -m pip install --quiet "pip>=22.3"
ifeq ($(LOCKED),1)
	@$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
else
	@$(PY) -m pip install --quiet $(PIP_EXTRA) -r requirements.txt
endif
	@$(PY) -m presenting.npm || echo "Everything else is installed; make slides and make pages will try again."
	@touch $(STAMP)

lab: $(STAMP)  ## open the course in JupyterLab (PORT=8888, LAB_ARGS=...)
	@exec $(PY) -m presenting.lab --port $(PORT) -- $(LAB_ARGS)

present: $(STAMP)  ## present a lesson as live slides: make present LESSON=04
	@exec $(PY) -m presenting.lab --lesson "$(LESSON)" --port $(PORT) -- $(LAB_ARGS)

slides: $(STAMP)  ## write one offline deck per lesson into slides/ (NOTEBOOKS="one.ipynb ...")
	@$(PY) -m presenting.decks $(NOTEBOOKS)

pages: $(STAMP)  ## write one page to read or print per lesson into pages/
	@$(PY) -m presenting.pages $(NOTEBOOKS)

timings: $(STAMP)  ## how long each cell of a lesson takes, slowest first (NOTEBOOKS=..., TIMINGS_ARGS=...)
	@$(PY) -m presenting.timings $(NOTEBOOKS) $(TIMINGS_ARGS)

lint: $(STAMP)  ## check the code, in notebooks too (ruff), and look for unsafe code (bandit)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet . || { echo "Run: $(PY) -m ruff format ." >&2; exit 1; }
	@$(PY) -m bandit --quiet -c pyproject.toml -r course_utils presenting benchmarks reliability .ci

test: lint  ## run everything that CI runs: ruff, tests, doctests, every notebook (PYTEST_ARGS=..., WORKERS=2)
	@if $(PY) -c 'import sys, torch; sys.exit(not torch.cuda.is_available())'; then \
	  $(PY) -m pytest $(PARALLEL) $(PYTEST_ARGS) && \
	  echo "PyTorch sees a GPU: the notebooks once more, with COURSE_DEVICE=cuda." && \
	  COURSE_DEVICE=cuda $(PY) -m pytest notebooks $(PARALLEL) $(PYTEST_ARGS); \
	else \
	  echo "PyTorch sees no GPU: the second run of the notebooks, with COURSE_DEVICE=cuda, is left out."; \
	  $(PY) -m pytest $(PARALLEL) $(PYTEST_ARGS); fi

test-colab: $(STAMP)  ## every notebook on Google Colab's versions, from the notebook file alone (NOTEBOOKS=..., COLAB_ARGS=...)
	@$(PY) -m reliability.colab $(NOTEBOOKS) $(COLAB_ARGS)

test-versions: $(STAMP)  ## the tests with the oldest and the newest dependencies, and on other Pythons (VERSIONS_ARGS=...)
	@$(PY) -m reliability.versions $(VERSIONS_ARGS)

soak: $(STAMP)  ## every notebook 20 times, and 20 times on a busy machine: hours (SOAK_ARGS="--quiet 2 --busy 2")
	@$(PY) -m reliability.soak $(SOAK_ARGS)

seeds: $(STAMP)  ## repeat with many seeds what the lessons say of many (SEEDS_ARGS="france --seeds 10")
	@$(PY) -m reliability.more_seeds $(SEEDS_ARGS)

kills: $(STAMP)  ## kill -9 while checkpoints, snapshots and downloads are written, 1000 times each
	@$(PY) -m reliability.kills $(KILLS_ARGS)

interrupts: $(STAMP)  ## press stop at random lines of every training run
	@$(PY) -m reliability.interrupts $(INTERRUPTS_ARGS)

devices: $(STAMP)  ## every notebook on a GPU that is not there (NOTEBOOKS=..., DEVICES_ARGS=...)
	@$(PY) -m reliability.devices $(DEVICES_ARGS) $(NOTEBOOKS)

twice: $(STAMP)  ## execute every notebook twice: are the texts the same? (NOTEBOOKS="one.ipynb ...")
	@$(PY) -m reliability.twice $(NOTEBOOKS)

notebooks: $(STAMP)  ## execute all notebooks and store their outputs (NOTEBOOKS="one.ipynb ...")
	@$(PY) .ci/notebooks.py $(NOTEBOOKS)

checkpoints: $(STAMP)  ## train the shipped networks again (CHECKPOINT_ARGS=--check: only compare)
	@$(PY) -m course_utils.recipes.train_names $(CHECKPOINT_ARGS)
	@for kind in lstm gru rnn; do $(PY) -m course_utils.train --kind $$kind $(CHECKPOINT_ARGS) || exit 1; done

bench: $(STAMP)  ## time the course beside what one would do instead (BENCH="names loop")
	@for name in $(BENCH); do echo "benchmarks.$$name"; $(PY) -m benchmarks.$$name || exit 1; done

picture: $(STAMP)  ## draw the picture of the README again
	@$(PY) -c "from course_utils import diagrams, plots; from pathlib import Path; \
	Path('notebooks/figures/unrolled.png').write_bytes(plots.to_png(diagrams.cycle_and_unrolled(4).figure))"

fork:  ## put another address in every place: make fork REPOSITORY=https://github.com/you/your-fork
	@for name in $(PY) $(PYTHON) python3 python; do \
	  if "$$name" -c '' 2>/dev/null; then exec "$$name" .ci/set_repository.py $(REPOSITORY); fi; \
	done; echo "No Python found. Install Python 3.10 or newer." >&2; exit 1

clean:  ## remove .venv, downloads and what tools left behind
	@rm -rf $(VENV) build slides pages *.egg-info data/cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
