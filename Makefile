# Every command sets up what it needs first; when all is there, that takes a moment.

MODELS ?= demo/models
ARGS ?=
FAMILIES ?=

.DEFAULT_GOAL := help
.PHONY: help setup build serve test test-cc test-python parity clean distclean

help:
	@echo 'make serve      serve the models in MODELS (default: $(MODELS)); ARGS adds flags'
	@echo 'make test       pass all tests'
	@echo 'make build      build the Python package in .venv'
	@echo 'make parity     the whole comparison with Magenta (hours); FAMILIES="drums improv" chooses'
	@echo 'make clean      remove what was built; make distclean also removes .venv'

setup:
	@scripts/setup

build: setup
	@scripts/build

serve: build
	.venv/bin/magenta-serving serve --models $(MODELS) $(ARGS)

test:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build test-cc test-python

test-cc:
	scripts/bazel test //servable/...

test-python:
	.venv/bin/python -m pytest tests

parity:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build
	@scripts/parity $(FAMILIES)

clean:
	-scripts/bazel clean
	rm -rf .bazel python/*.egg-info python/magenta_serving/*.so
	rm -f python/magenta_serving/descriptors.binpb

distclean: clean
	rm -rf .venv
