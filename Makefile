# Every target is one line in scripts/dev.py, which also works without make:
#   python3 scripts/dev.py demo | test | check | bench | setup
#
# PORT=8000 and DATA=.data choose where the demo listens and keeps its data.
# ARGS= is passed on:  make test ARGS="tests/reminders -x"

PYTHON ?= python3
ARGS ?=
export PORT DATA BIND

.PHONY: help setup demo test check bench race simulate lock messages mutants

help:
	@$(PYTHON) scripts/dev.py --help

setup demo test check bench race simulate lock messages mutants:
	@$(PYTHON) scripts/dev.py $@ $(ARGS)
