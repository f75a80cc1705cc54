"""Messages of TensorFlow Serving's gRPC API and of note-seq, without importing either package.

They live in a private descriptor pool, filled from `descriptors.binpb` (written by
`scripts/make_descriptors.py` when the package is built). They have the wire format and the names of
the originals but are classes of their own: pass them between processes, not to code that checks for
`tensorflow_serving` types.

Where note_seq is installed, NoteSequence and the generator messages are its own, whether it is
imported before, later or never.
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
    """A gRPC method: its full path and message classes."""

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


def _note_seq_class(module: str, name: str) -> Any:
    """Returns the message `name` of note_seq/protobuf/`module`.py, of the private pool without it.

    note_seq's `__init__`, which takes seconds, is not run.
    """
    package = importlib.util.find_spec("note_seq")
    if package is None or package.origin is None:
        return message_class(f"magenta.{name}")
    full_name = f"note_seq.protobuf.{module}"
    if full_name not in sys.modules:
        path = pathlib.Path(package.origin).parent / "protobuf" / f"{module}.py"
        spec = importlib.util.spec_from_file_location(full_name, path)
        assert spec and spec.loader
        sys.modules[full_name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full_name])
    return getattr(sys.modules[full_name], name)


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
SSLConfig = message_class("tensorflow.serving.SSLConfig")

# grpc.health.v1.*
HealthCheckRequest = message_class("grpc.health.v1.HealthCheckRequest")
HealthCheckResponse = message_class("grpc.health.v1.HealthCheckResponse")

# magenta.*: note-seq's
NoteSequence = _note_seq_class("music_pb2", "NoteSequence")
GeneratorOptions = _note_seq_class("generator_pb2", "GeneratorOptions")
