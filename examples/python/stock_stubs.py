"""Continues a melody with TensorFlow Serving's own stubs, as any of its Python clients.

Usage: stock_stubs.py [HOST:PORT]     pip install tensorflow-serving-api
"""

import pathlib
import sys

import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

address = sys.argv[1] if len(sys.argv) > 1 else "localhost:8500"
stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(address))
request = predict_pb2.PredictRequest(output_filter=["midi_bytes"])
request.model_spec.name = "melody"
for name, value, dtype in (
    ("primer_melody", "[60, -2, 62, -2, 64, -2, 65, -2]", tf.string),
    ("num_steps", 64, tf.int32),
    ("temperature", 0.8, tf.float32),
    ("seed", 7, tf.int64),
):
    request.inputs[name].CopyFrom(tf.make_tensor_proto(value, dtype))
response = stub.Predict(request, timeout=20)
midi = tf.make_ndarray(response.outputs["midi_bytes"])[0]
pathlib.Path("melody.mid").write_bytes(midi)
print(f"melody.mid: {len(midi)} bytes")
