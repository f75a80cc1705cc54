"""Writes the descriptors of TensorFlow Serving's API and of note-seq's messages to one file.

The Python package builds its message classes from that file in a private descriptor pool, so a
client or a server needs neither TensorFlow nor `tensorflow_serving` nor `note_seq` at run time, and
can still live in one process with all of them.

Usage: make_descriptors.py OUTPUT

Run it with a Python that has tensorflow, tensorflow-serving-api, note-seq, grpcio-reflection and
grpcio-health-checking.
"""

import importlib
import importlib.util
import pathlib
import sys
import types

from google.protobuf import descriptor_pb2

# Modules whose files, with everything they import, make up the API.
ROOTS = (
    "tensorflow_serving.apis.classification_pb2",
    "tensorflow_serving.apis.get_model_metadata_pb2",
    "tensorflow_serving.apis.get_model_status_pb2",
    "tensorflow_serving.apis.inference_pb2",
    "tensorflow_serving.apis.model_management_pb2",
    "tensorflow_serving.apis.predict_pb2",
    "tensorflow_serving.apis.regression_pb2",
    "tensorflow_serving.config.model_server_config_pb2",
    "tensorflow.core.protobuf.meta_graph_pb2",
    "grpc_health.v1.health_pb2",
    "grpc_reflection.v1alpha.reflection_pb2",
    "note_seq.protobuf.generator_pb2",
    "note_seq.protobuf.music_pb2",
)

# The modules that define the services are of an old protobuf generation, which today's runtime
# refuses to import, so the services are declared here: file, service, {method: (request,
# response)}.
_API = "tensorflow_serving/apis"
SERVICES = (
    (f"{_API}/prediction_service.proto", "PredictionService", {
        "Classify": ("ClassificationRequest", "ClassificationResponse"),
        "Regress": ("RegressionRequest", "RegressionResponse"),
        "Predict": ("PredictRequest", "PredictResponse"),
        "MultiInference": ("MultiInferenceRequest", "MultiInferenceResponse"),
        "GetModelMetadata": ("GetModelMetadataRequest", "GetModelMetadataResponse"),
    }),
    (f"{_API}/model_service.proto", "ModelService", {
        "GetModelStatus": ("GetModelStatusRequest", "GetModelStatusResponse"),
        "HandleReloadConfigRequest": ("ReloadConfigRequest", "ReloadConfigResponse"),
    }),
)
PACKAGE = "tensorflow.serving"

# Not in the package tensorflow-serving-api.
SSL_CONFIG = descriptor_pb2.FileDescriptorProto(
    name="tensorflow_serving/config/ssl_config.proto", package=PACKAGE, syntax="proto3",
    message_type=[descriptor_pb2.DescriptorProto(name="SSLConfig", field=[
        descriptor_pb2.FieldDescriptorProto(
            name=name, number=number, type=type_name,
            label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL)
        for number, (name, type_name) in enumerate([
            ("server_key", descriptor_pb2.FieldDescriptorProto.TYPE_STRING),
            ("server_cert", descriptor_pb2.FieldDescriptorProto.TYPE_STRING),
            ("custom_ca", descriptor_pb2.FieldDescriptorProto.TYPE_STRING),
            ("client_verify", descriptor_pb2.FieldDescriptorProto.TYPE_BOOL),
        ], start=1)])])


def skip_package_init(name: str) -> None:
    """Makes submodules of `name` importable without its `__init__`, which takes seconds."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        raise SystemExit(f"make_descriptors.py: the Python package {name!r} is not installed")
    module = types.ModuleType(name)
    module.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = module


def add_with_imports(file, seen: set[str], out: descriptor_pb2.FileDescriptorSet) -> None:
    """Appends `file` (a FileDescriptor) to `out` after the files that it imports."""
    if file.name in seen:
        return
    seen.add(file.name)
    for dependency in file.dependencies:
        add_with_imports(dependency, seen, out)
    file.CopyToProto(out.file.add())


def add_service(path: str, name: str, methods: dict[str, tuple[str, str]],
                out: descriptor_pb2.FileDescriptorSet) -> None:
    """Appends a file `path` that declares the service `name` over messages of `out`."""
    home = {f".{PACKAGE}.{message.name}": file.name for file in out.file if file.package == PACKAGE
            for message in file.message_type}
    file = descriptor_pb2.FileDescriptorProto(name=path, package=PACKAGE, syntax="proto3")
    service = file.service.add(name=name)
    for method, (request, response) in methods.items():
        service.method.add(name=method, input_type=f".{PACKAGE}.{request}",
                           output_type=f".{PACKAGE}.{response}")
    used = {type_name for method in service.method
            for type_name in (method.input_type, method.output_type)}
    file.dependency.extend(sorted({home[type_name] for type_name in used}))
    out.file.append(file)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    skip_package_init("tensorflow")
    skip_package_init("tensorflow_serving")
    skip_package_init("note_seq")
    descriptors, seen = descriptor_pb2.FileDescriptorSet(), set()
    for root in ROOTS:
        add_with_imports(importlib.import_module(root).DESCRIPTOR, seen, descriptors)
    descriptors.file.append(SSL_CONFIG)
    for path, name, methods in SERVICES:
        add_service(path, name, methods, descriptors)
    output = pathlib.Path(sys.argv[1])
    data = descriptors.SerializeToString(deterministic=True)
    # Left alone when unchanged, so that tools which look at times have nothing to do.
    if not output.exists() or output.read_bytes() != data:
        output.write_bytes(data)


if __name__ == "__main__":
    main()
