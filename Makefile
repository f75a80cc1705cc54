# Every command sets up what it needs first; when all is there, that takes a moment.

MODELS ?= demo/models
ARGS ?=
FAMILIES ?=
TARGETS ?=
IMAGE ?= magenta-serving
IMAGE_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build page wheel model-server serve image image-embedded image-web
.PHONY: fuzz test-sanitizers test-images
.PHONY: test test-cc test-page test-python test-model-server parity benchmark load clean distclean

help:
	@echo 'make serve      serve the models in MODELS (default: $(MODELS)); ARGS adds flags'
	@echo 'make test       pass all tests'
	@echo 'make build      build the Python package in .venv'
	@echo 'make wheel      make a wheel of it in dist/, to be installed where there is no checkout'
	@echo 'make page       build the web page that the embedded server serves'
	@echo 'make model-server     build tensorflow_model_server with the platform magenta'
	@echo 'make image            build its image, $(IMAGE), with podman or docker; IMAGE_FLAGS adds flags'
	@echo 'make image-embedded   build the image of the embedded server, $(IMAGE)-embedded'
	@echo 'make image-web        build the image of the web tier, $(IMAGE)-web'
	@echo 'make parity     the whole comparison with Magenta (hours); FAMILIES="drums improv" chooses'
	@echo 'make benchmark  measures against Magenta and others (half an hour); ARGS adds flags'
	@echo 'make load       puts a server under load; ARGS="--seconds 600 --clients 256 --swaps 300"'
	@echo 'make fuzz       fuzz the parsers, a minute each (SECONDS_EACH, RUNS_EACH); TARGETS="midi" chooses'
	@echo 'make test-sanitizers  pass the C++ tests under sanitizers of memory, undefined behaviour, threads'
	@echo 'make test-images  build the images and pass the tests of their containers'
	@echo 'make clean      remove what was built; make distclean also removes .venv'

setup:
	@scripts/setup

build: setup
	@scripts/build

page:
	@scripts/build_page

wheel: build page
	@scripts/wheel

serve: build
	@scripts/build_page --if-possible
	.venv/bin/magenta-serving serve --models $(MODELS) $(ARGS)

model-server:
	@scripts/setup --server
	@scripts/bazel build //servable/model_server:tensorflow_model_server

# BUILDAH_FORMAT: the OCI format knows no health checks.
image: TARGET = server
image-embedded: TARGET = embedded
image-web: TARGET = web
image image-embedded image-web:
	BUILDAH_FORMAT=docker $$(command -v podman || echo docker) build --file docker/Dockerfile \
	  --target $(TARGET) --tag $(IMAGE)$(@:image%=%) $(IMAGE_FLAGS) .

test:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build page test-cc test-page test-python test-model-server

test-cc:
	scripts/bazel test //servable/... //fuzz/...

test-page:
	npm --prefix web test

test-python:
	.venv/bin/python -m pytest tests

test-model-server:
	@scripts/test_model_server

parity:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build
	@scripts/parity $(FAMILIES)

benchmark:
	@scripts/setup --benchmark
	@$(MAKE) --no-print-directory build
	scripts/bazel build //benchmarks/limits
	.venv/bin/python -m benchmarks $(ARGS)

load:
	@scripts/setup --test
	@$(MAKE) --no-print-directory build
	.venv/bin/python -m benchmarks.load $(ARGS)

fuzz:
	@scripts/setup --fuzz
	@$(MAKE) --no-print-directory build
	@scripts/fuzz $(TARGETS)

test-sanitizers:
	@scripts/setup --fuzz
	scripts/bazel test --config=fuzz //servable/... //fuzz/...
	scripts/bazel test --config=tsan //servable/... //fuzz/...

test-images: image image-embedded image-web
	@scripts/setup --test
	@$(MAKE) --no-print-directory build
	.venv/bin/python -m pytest tests/containers --images $(IMAGE)

clean:
	-scripts/bazel clean
	rm -rf .bazel dist python/*.egg-info python/magenta_serving/*.so
	rm -rf python/magenta_serving/page web/node_modules benchmarks/engines/magentajs/node_modules
	rm -f python/magenta_serving/descriptors.binpb

distclean: clean
	rm -rf .venv examples/node/node_modules
