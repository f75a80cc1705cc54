# Every command sets up what it needs first; when all is there, that takes a moment.

MODELS ?= demo/models
ARGS ?=
FAMILIES ?=
IMAGE ?= magenta-serving
IMAGE_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build model-server serve image image-embedded test test-cc test-python
.PHONY: test-model-server parity clean distclean

help:
	@echo 'make serve      serve the models in MODELS (default: $(MODELS)); ARGS adds flags'
	@echo 'make test       pass all tests'
	@echo 'make build      build the Python package in .venv'
	@echo 'make model-server     build tensorflow_model_server with the platform magenta'
	@echo 'make image            build its image, $(IMAGE), with podman or docker; IMAGE_FLAGS adds flags'
	@echo 'make image-embedded   build the image of the embedded server, $(IMAGE)-embedded'
	@echo 'make parity     the whole comparison with Magenta (hours); FAMILIES="drums improv" chooses'
	@echo 'make clean      remove what was built; make distclean also removes .venv'

setup:
	@scripts/setup

build: setup
	@scripts/build

serve: build
	.venv/bin/magenta-serving serve --models $(MODELS) $(ARGS)

model-server:
	@scripts/setup --server
	@scripts/bazel build //servable/model_server:tensorflow_model_server

# BUILDAH_FORMAT: the OCI format knows no health checks.
image image-embedded: TARGET = $(if $(filter image,$@),server,embedded)
image image-embedded:
	BUILDAH_FORMAT=docker $$(command -v podman || echo docker) build --file docker/Dockerfile \
	  --target $(TARGET) --tag $(IMAGE)$(if $(filter embedded,$(TARGET)),-embedded) $(IMAGE_FLAGS) .

test:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build test-cc test-python test-model-server

test-cc:
	scripts/bazel test //servable/...

test-python:
	.venv/bin/python -m pytest tests

test-model-server:
	@scripts/test_model_server

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
