"""Messages of TensorFlow Serving's gRPC API and of note-seq, without importing either package.

TensorFlow Serving's messages live in a private descriptor pool, filled from `descriptors.binpb`
(written by `scripts/make_descriptors.py` when the package is built). They have the wire format and
the names of the originals but are classes of their own: pass them between processes, not to code
that checks for `tensorflow_serving` types.

NoteSequence and the generator messages are those of note_seq itself, whether it is imported before,
later or never.
"""

import importlib.util
import pathlib
import sys
from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# Names of the gRPC services.
PREDICTION_SERVICE = "tensorflow.serving.PredictionService"
MODEL_SERVICE = "tensorflow.serving.ModelService"
HEALTH_SERVICE = "grpc.health.v1.Health"

# The one kind of metadata that GetModelMetadata knows.
SIGNATURE_DEF_FIELD = "signature_def"
DEFAULT_SIGNATURE = "serving_default"


class Method(NamedTuple):
    """A unary gRPC method: its full path and message classes."""

    path: str
    request: Any
    response: Any


def _load_pool() -> descriptor_pool.DescriptorPool:
    path = pathlib.Path(__file__).with_name("descriptors.binpb")
    if not path.exists():
        raise ImportError(
            f"{path} is missing; it is made when the package is built, by "
            "scripts/make_descriptors.py")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(path.read_bytes()).file:
        pool.Add(file)
    return pool


# The private pool; gRPC reflection answers from it.
POOL = _load_pool()


def message_class(full_name: str) -> Any:
    """Returns the class of a message of the private pool."""
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(full_name))


def methods(service: str) -> dict[str, Method]:
    """Returns the methods of a gRPC service of the private pool by name."""
    return {
        method.name: Method(
            f"/{service}/{method.name}",
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
        )
        for method in POOL.FindServiceByName(service).methods
    }


def _note_seq_module(name: str) -> Any:
    """Loads note_seq/protobuf/`name`.py as that module, without running note_seq's `__init__`."""
    full_name = f"note_seq.protobuf.{name}"
    if full_name in sys.modules:
        return sys.modules[full_name]
    package = importlib.util.find_spec("note_seq")
    if package is None or package.origin is None:
        raise ImportError("The Python package note-seq is not installed")
    path = pathlib.Path(package.origin).parent / "protobuf" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(full_name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    spec.loader.exec_module(module)
    return module


# tensorflow.*
TensorProto = message_class("tensorflow.TensorProto")
TensorShapeProto = message_class("tensorflow.TensorShapeProto")
TensorInfo = message_class("tensorflow.TensorInfo")
SignatureDef = message_class("tensorflow.SignatureDef")
DataType = POOL.FindEnumTypeByName("tensorflow.DataType")

# tensorflow.serving.*: requests and responses
ModelSpec = message_class("tensorflow.serving.ModelSpec")
PredictRequest = message_class("tensorflow.serving.PredictRequest")
PredictResponse = message_class("tensorflow.serving.PredictResponse")
GetModelMetadataRequest = message_class("tensorflow.serving.GetModelMetadataRequest")
GetModelMetadataResponse = message_class("tensorflow.serving.GetModelMetadataResponse")
SignatureDefMap = message_class("tensorflow.serving.SignatureDefMap")
GetModelStatusRequest = message_class("tensorflow.serving.GetModelStatusRequest")
GetModelStatusResponse = message_class("tensorflow.serving.GetModelStatusResponse")
ModelVersionStatus = message_class("tensorflow.serving.ModelVersionStatus")
StatusProto = message_class("tensorflow.serving.StatusProto")
ReloadConfigRequest = message_class("tensorflow.serving.ReloadConfigRequest")
ReloadConfigResponse = message_class("tensorflow.serving.ReloadConfigResponse")

# tensorflow.serving.*: configuration
ModelServerConfig = message_class("tensorflow.serving.ModelServerConfig")
ModelConfigList = message_class("tensorflow.serving.ModelConfigList")
ModelConfig = message_class("tensorflow.serving.ModelConfig")
FileSystemStoragePathSourceConfig = message_class(
    "tensorflow.serving.FileSystemStoragePathSourceConfig")
ServableVersionPolicy = message_class(
    "tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy")

# grpc.health.v1.*
HealthCheckRequest = message_class("grpc.health.v1.HealthCheckRequest")
HealthCheckResponse = message_class("grpc.health.v1.HealthCheckResponse")

# magenta.*: note_seq's own classes
_music = _note_seq_module("music_pb2")
_generator = _note_seq_module("generator_pb2")
NoteSequence = _music.NoteSequence
GeneratorOptions = _generator.GeneratorOptions
GeneratorDetails = _generator.GeneratorDetails
GeneratorBundle = _generator.GeneratorBundle
