# make demo    the main job: a latent grid from cat to pig in out/
# make test    linting, types and the whole test suite
# make checkpoint NAME=owls    a model that ships, from data to card (DATA=folder of Quick, Draw! classes)
# PYTHON=python3.12 make demo    with another Python (3.11-3.13)

PYTHON ?= python3
DATA ?= quickdraw
PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test checkpoint clean

help:
	@sed -n '1,4s/^# //p' Makefile

demo: $(VENV)/.demo
	$(BIN)/plotsketch grid cat-head pig-full --model catpig --temperature 0.1 --best-of 4 -o out/grid.svg -o out/grid.png

test: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 4

checkpoint: $(VENV)/.demo
	$(BIN)/python checkpoints/make.py $(NAME) --data $(DATA) --processes $(PROCESSES)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

# The stamps make a second run start at once; what is installed hangs on these two files alone.
$(VENV)/.demo: pyproject.toml constraints.txt
	@echo "Installing plotsketch and what it needs into $(VENV): a minute or two."
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.demo
	@echo "Installing the test tools."
	$(PIP) install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@
