"""Hostile requests: what is sent, and what the answer must say."""

import base64
import contextlib
import dataclasses
import gzip
import http.client
import json
import socket
import zlib
from collections.abc import Callable
from typing import Any

import grpc
import numpy as np

from magenta_serving import protos

from ..contract.api import Api
from ..contract.test_bad_input import MIDI, tensor

# Seconds that a client waits for the answer to what it never finishes sending.
PATIENCE = 30

Answer = tuple[str, str]


@dataclasses.dataclass(frozen=True)
class RequestCase:
    """A request that no honest client sends.

    Attributes:
        name: what is wrong with it.
        send: sends it; returns code and message.
        code: gRPC's name or HTTP's number.
        says: what the message must have in it.
    """

    name: str
    send: Callable[[Api], Answer]
    code: str
    says: tuple[str, ...]


def _called(call: Callable[[], Any]) -> Answer:
    try:
        call()
    except grpc.RpcError as error:
        return error.code().name, error.details()
    return "OK", ""


def _predict(inputs: dict[str, Any], **spec: Any) -> Callable[[Api], Answer]:
    """Sends values over gRPC in the types that they have."""
    return lambda api: _called(lambda: api.predict_raw(inputs, outputs=["seed"], **spec))


def _primer(**fields: Any) -> Callable[[Api], Answer]:
    """Sends a primer of one note with these fields over gRPC."""
    sequence = protos.NoteSequence(ticks_per_quarter=220)
    sequence.tempos.add(qpm=fields.pop("qpm", 120))
    sequence.notes.add(**{"pitch": 60, "velocity": 80, "end_time": 1.0, **fields})
    return _predict({"primer_sequence_bytes": sequence.SerializeToString()})


def _many_notes(count: int) -> bytes:
    sequence = protos.NoteSequence(ticks_per_quarter=220)
    sequence.tempos.add(qpm=120)
    for number in range(count):
        sequence.notes.add(pitch=60, velocity=80, start_time=number * 2.0**30, end_time=2.0**60)
    return sequence.SerializeToString()


def _empty_notes(count: int) -> bytes:
    sequence = protos.NoteSequence()
    for _ in range(count):
        sequence.notes.add()
    return sequence.SerializeToString()


def _post(body: Any, path: str = "/v1/models/melody:predict") -> Callable[[Api], Answer]:
    """Sends bytes or JSON over REST."""
    def send(api: Api) -> Answer:
        status, answer, _ = api.rest(path, body)
        return str(status), (answer or {}).get("error", "")
    return send


def _posted(body: bytes, **fields: str) -> Callable[[Api], Answer]:
    """Sends a body with these header fields, "_" for "-", over REST."""
    headers = {name.replace("_", "-"): value for name, value in fields.items()}
    def send(api: Api) -> Answer:
        status, answer, _ = api.rest("/v1/models/melody:predict", body, headers)
        return str(status), (answer or {}).get("error", "")
    return send


def _sent(path: str, data: bytes) -> Callable[[Api], Answer]:
    """Sends bytes to any gRPC method and takes its first answer."""
    return lambda api: _called(lambda: next(api.channel.unary_stream(path)(data, timeout=60)))


def _inputs(text: str) -> Callable[[Api], Answer]:
    return _post(f'{{"inputs": {text}}}'.encode())


def _raw(data: bytes) -> Callable[[Api], Answer]:
    """Sends bytes to the REST port, as they are, and waits for an answer or the end."""
    def send(api: Api) -> Answer:
        host, port = api.rest_address.split(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
            # A server that has read enough answers and hangs up.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(data)
            answer = http.client.HTTPResponse(connection)
            try:
                answer.begin()
                text = answer.read().decode()
            except TimeoutError:
                return "no answer", f"after {PATIENCE} seconds"
            except (http.client.RemoteDisconnected, ConnectionResetError):
                return "hung up", ""
        return str(answer.status), json.loads(text)["error"] if text.startswith("{") else text
    return send


def _head(*fields: str) -> bytes:
    """Returns the head of a request for predictions with these header fields."""
    return "\r\n".join(
        ["POST /v1/models/melody:predict HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def _bomb(size: int) -> bytes:
    """Returns so many zeros, compressed."""
    compressor = zlib.compressobj(9, wbits=31)
    zeros = bytes(1 << 20)
    return b"".join([*(compressor.compress(zeros) for _ in range(size >> 20)), compressor.flush()])


_INT64 = 9
_NAN = float("nan")


def _tensor(dtype: int, *sizes: int, **content: Any) -> Callable[[Api], Answer]:
    """Sends the input "seed" as it is given."""
    return _predict({"seed": tensor(dtype, sizes, **content)})


def _dimensions(count: int) -> Callable[[Api], Answer]:
    """Sends an input of so many dimensions, two bytes for each."""
    seed = tensor(_INT64, ())
    for _ in range(count):
        seed.tensor_shape.dim.add()
    return _predict({"seed": seed})


CASES = [
    # Values.
    RequestCase("temperature NaN", _predict({"temperature": np.float32(_NAN)}),
                "INVALID_ARGUMENT", ("temperature", "nan")),
    RequestCase("temperature below 0", _predict({"temperature": np.float32(-1)}),
                "INVALID_ARGUMENT", ("temperature", "-1")),
    RequestCase("-5 steps", _predict({"num_steps": np.int32(-5)}),
                "INVALID_ARGUMENT", ("num_steps is -5", "from 1 to")),
    RequestCase("1,000,000,000 outputs", _predict({"num_outputs": np.int32(10**9)}),
                "INVALID_ARGUMENT", ("num_outputs is 1000000000", "from 1 to")),
    RequestCase("a beam of 1,000,000,000", _predict({"beam_size": np.int32(10**9)}),
                "INVALID_ARGUMENT", ("beam_size", "1000000000")),
    RequestCase("an infinite tempo", _predict({"qpm": np.float32("inf")}),
                "INVALID_ARGUMENT", ("qpm", "inf")),
    RequestCase("a batch of 1,000,000 rows", _predict({"seed": np.ones(10**6, np.int64)}),
                "INVALID_ARGUMENT", ("1000000",)),
    RequestCase("a primer that is code", _predict({"primer_melody": b"__import__('os').abort()"}),
                "INVALID_ARGUMENT", ("primer_melody", "expected a list such as")),
    RequestCase("a primer nested 10,000 deep", _predict({"primer_melody": b"[" * 10_000}),
                "INVALID_ARGUMENT", ("primer_melody",)),
    RequestCase("a pitch of 2^70", _predict({"primer_melody": b"[1180591620717411303424]"}),
                "INVALID_ARGUMENT", ("primer_melody",)),
    RequestCase("a chord where there are none", _predict({"backing_chords": b"C <img src=x>"}),
                "INVALID_ARGUMENT", ("Unrecognized inputs: backing_chords",)),
    RequestCase("a name that is markup", _predict({"<img src=x onerror=alert(1)>": np.int32(1)}),
                "INVALID_ARGUMENT", ("Unrecognized inputs: <img src=x onerror=alert(1)>",)),
    # NoteSequences and MIDI files.
    RequestCase("a primer that is no NoteSequence", _predict({"primer_sequence_bytes": b"\xff"}),
                "INVALID_ARGUMENT", ("primer_sequence_bytes",)),
    RequestCase("a note before time 0", _primer(start_time=-1.0),
                "INVALID_ARGUMENT", ("NegativeTimeError", "negative note time")),
    RequestCase("a note at time NaN", _primer(start_time=_NAN),
                "INVALID_ARGUMENT", ("ValueError", "NaN")),
    RequestCase("a note that ends before it starts", _primer(start_time=2.0),
                "INVALID_ARGUMENT", ("BadNoteError", "Start step does not precede end step")),
    RequestCase("a note of 10^300 seconds", _primer(end_time=1e300),
                "INVALID_ARGUMENT", ("the primer leaves nothing to generate", "num_steps 128")),
    RequestCase("a note of pitch 1,000,000", _primer(pitch=1_000_000),
                "INVALID_ARGUMENT", ("Melody event out of range: 1000000",)),
    RequestCase("a tempo of 0", _primer(qpm=0.0), "INVALID_ARGUMENT", ("primer", "num_steps")),
    RequestCase("a tempo of 10^300", _primer(qpm=1e300),
                "INVALID_ARGUMENT", ("the primer leaves nothing to generate",)),
    RequestCase("10^5 notes of a billion years",
                _predict({"primer_sequence_bytes": _many_notes(10**5)}),
                "INVALID_ARGUMENT", ("primer_sequence_bytes",)),
    RequestCase("100,000 empty notes", _inputs(json.dumps(
        {"primer_sequence_bytes": {"b64": base64.b64encode(_empty_notes(10**5)).decode()}})),
                "400", ("primer_sequence_bytes: a NoteSequence of 100000 parts in 200000 bytes",)),
    RequestCase("more bytes than max_primer_bytes",
                _predict({"primer_sequence_bytes": b"\x0a\xc8\x01" * 1_000_000}),
                "INVALID_ARGUMENT", ("primer_sequence_bytes",)),
    RequestCase("a MIDI file that is cut off", _predict({"primer_midi_bytes": MIDI[:-3]}),
                "INVALID_ARGUMENT", ("primer_midi_bytes", "MIDIConversionError")),
    RequestCase("a MIDI track of 2 GiB that is not there",
                _predict({"primer_midi_bytes": MIDI[:18] + b"\x7f\xff\xff\xff" + MIDI[22:]}),
                "INVALID_ARGUMENT", ("primer_midi_bytes", "MIDIConversionError")),
    RequestCase("two primers", _predict({"primer_melody": b"[60]", "primer_midi_bytes": MIDI}),
                "INVALID_ARGUMENT", ("primer_melody", "not both")),
    # Tensors.
    RequestCase("an unknown input", _predict({"no_such_input": np.int32(1)}),
                "INVALID_ARGUMENT", ("Unrecognized inputs: no_such_input", "has the inputs", "num_steps")),
    RequestCase("an int64 for an int32", _predict({"num_steps": np.int64(32)}),
                "INVALID_ARGUMENT", ("num_steps must be DT_INT32, not DT_INT64",)),
    RequestCase("a string for a number", _predict({"num_steps": b"32"}),
                "INVALID_ARGUMENT", ("num_steps must be DT_INT32, not DT_STRING",)),
    RequestCase("a matrix", _predict({"seed": np.ones((1, 1), np.int64)}),
                "INVALID_ARGUMENT", ("seed", "[1,1]")),
    RequestCase("rows that differ in number", _predict(
        {"seed": np.ones(2, np.int64), "num_steps": np.full(3, 16, np.int32)}),
                "INVALID_ARGUMENT", ("2", "3", "rows")),
    RequestCase("contents of 3 bytes", _tensor(_INT64, 1, tensor_content=b"123"),
                "INVALID_ARGUMENT", ("seed", "3")),
    RequestCase("a negative dimension", _tensor(_INT64, -1, int64_val=[1]),
                "INVALID_ARGUMENT", ("seed", "-1")),
    RequestCase("2^40 values of which 1 is sent", _tensor(_INT64, 2**40, int64_val=[1]),
                "INVALID_ARGUMENT", ("seed", "1099511627776")),
    RequestCase("2^80 values of which 1 is sent", _tensor(_INT64, 2**40, 2**40, int64_val=[1]),
                "INVALID_ARGUMENT", ("seed",)),
    RequestCase("2^40 values of which none is sent", _tensor(_INT64, 2**40),
                "INVALID_ARGUMENT", ("seed", "1099511627776")),
    RequestCase("a handle of a resource", _tensor(20), "INVALID_ARGUMENT",
                ("seed", "DT_RESOURCE")),
    RequestCase("1,000,000 dimensions", _dimensions(10**6),
                "INVALID_ARGUMENT", ("PredictRequest", "parts in")),
    RequestCase("a type that there is not", _tensor(77), "INVALID_ARGUMENT", ("seed", "77")),
    # Models and signatures.
    RequestCase("an unknown model", _predict({}, name="no_such_model"), "NOT_FOUND",
                ("no_such_model",)),
    RequestCase("a model's name that is a path", _predict({}, name="../../etc/passwd"), "NOT_FOUND",
                ("../../etc/passwd",)),
    RequestCase("an unknown version", _predict({}, version=99), "NOT_FOUND", ("melody", "99")),
    RequestCase("a negative version", _predict({}, version=-1), "NOT_FOUND", ("melody", "-1")),
    RequestCase("an unknown label", _predict({}, label="no_such"), "INVALID_ARGUMENT",
                ("no_such",)),
    RequestCase("an unknown signature", _predict({}, signature="no_such"), "FAILED_PRECONDITION",
                ("no_such",)),
    RequestCase("a message of 5 MiB", _predict({"primer_melody": b"[" * (5 << 20)}),
                "RESOURCE_EXHAUSTED", ("5242", "4194304")),
    *(RequestCase(f"noise for {name}", _sent(path, b"\xff"), "INVALID_ARGUMENT",
                  ("The request is no",))
      for name, path in (("a health check", "/grpc.health.v1.Health/Check"),
                         ("a watch of the health", "/grpc.health.v1.Health/Watch"),
                         ("reflection", "/grpc.reflection.v1alpha.ServerReflection/"
                                        "ServerReflectionInfo"))),
    # JSON.
    RequestCase("JSON that ends early", _post(b'{"inputs": {'), "400", ("JSON",)),
    RequestCase("JSON nested 100,000 deep", _post(b"[" * 100_000), "400", ("JSON",)),
    RequestCase("a key twice", _post(b'{"inputs": {"seed": 1}, "inputs": {"seed": 2}}'), "400",
                ('the key "inputs" is there twice',)),
    RequestCase("an input twice", _inputs('{"seed": 1, "seed": 2}'), "400",
                ('the key "seed" is there twice',)),
    RequestCase("JSON that is not UTF-8", _post(b'{"inputs": {"primer_melody": "\xff"}}'), "400",
                ("UTF-8",)),
    RequestCase("half a surrogate", _inputs(r'{"primer_melody": "\ud800"}'), "400",
                ("primer_melody",)),
    RequestCase("NaN in JSON", _inputs('{"temperature": NaN}'), "400",
                ("temperature is nan",)),
    RequestCase("1e999", _inputs('{"temperature": 1e999}'), "400", ("temperature",)),
    RequestCase("an input's name of 3 MB", _inputs(f'{{"{"é" * 1_500_000}": 1}}'), "400",
                ("ééé", "TRUNCATED")),
    RequestCase("a number of 5,000 digits", _inputs(f'{{"seed": {"9" * 5000}}}'), "400",
                ("5000 digits", "at most 300")),
    RequestCase("text for a number", _inputs('{"num_steps": "32"}'), "400", ("num_steps",)),
    RequestCase("a part of a step", _inputs('{"num_steps": 32.5}'), "400",
                ("num_steps", "32.5")),
    RequestCase("an object for a number", _inputs('{"num_steps": {"a": 1}}'), "400",
                ("num_steps",)),
    RequestCase("bytes that are not base64",
                _inputs('{"primer_midi_bytes": {"b64": "!!!"}}'), "400", ("primer_midi_bytes",)),
    RequestCase("a MIDI file that is HTML", _inputs(json.dumps(
        {"primer_midi_bytes": {"b64": base64.b64encode(b"<html>").decode()}})), "400",
                ("primer_midi_bytes", "MIDIConversionError")),
    # HTTP.
    RequestCase("a body of 100 MB", _post(b" " * 100_000_000), "413", ("4194304",)),
    RequestCase("a body that is not gzip",
                _raw(_head("Content-Encoding: gzip", "Content-Length: 2") + b"{}"), "400",
                ("The body is no gzip stream",)),
    RequestCase("half of a gzip stream",
                _posted(gzip.compress(b"{}")[:-4], Content_Encoding="gzip"), "400",
                ("ends before its gzip stream",)),
    RequestCase("more than a gzip stream",
                _posted(gzip.compress(b"{}") * 2, Content_Encoding="gzip"), "400",
                ("goes on after its gzip stream",)),
    RequestCase("100 MiB of zeros as gzip",
                _posted(_bomb(100 << 20), Content_Encoding="gzip"), "413", ("4194304",)),
    RequestCase("a body compressed otherwise", _posted(b"{}", Content_Encoding="deflate"), "415",
                ("deflate", "gzip is allowed")),
    RequestCase("a form of another origin's page",
                _posted(b"{}", Origin="https://evil.example", Content_Type="text/plain"),
                "415", ("text/plain", "application/json")),
    RequestCase("a path that climbs", _post({}, "/v1/models/../../etc/passwd:predict"), "400",
                ("Malformed request",)),
    RequestCase("a version of 20 digits",
                _post({"inputs": {}}, "/v1/models/melody/versions/99999999999999999999:predict"),
                "400", ("99999999999999999999",)),
    RequestCase("a version of 5,000 digits",
                _post({"inputs": {}}, f"/v1/models/melody/versions/{'9' * 5000}:predict"),
                "400", ("Failed to convert version", "TRUNCATED")),
    RequestCase("a negative Content-Length", _raw(_head("Content-Length: -1")), "400",
                ("Content-Length",)),
    RequestCase("two Content-Lengths", _raw(_head("Content-Length: 2", "Content-Length: 3") + b"{}"),
                "400", ("Content-Length",)),
    RequestCase("a Content-Length and chunks",
                _raw(_head("Content-Length: 2", "Transfer-Encoding: chunked") + b"{}"), "400",
                ("Transfer-Encoding", "Content-Length")),
    RequestCase("a Content-Length of 10^18", _raw(_head(f"Content-Length: {10**18}") + b"{}"), "413",
                ("4194304",)),
    RequestCase("a chunk whose length is no number",
                _raw(_head("Transfer-Encoding: chunked") + b"zz\r\n{}\r\n"), "400",
                ("chunk size",)),
    RequestCase("a header of 1 MB", _raw(_head(f"X: {'x' * 1_000_000}")), "400",
                ("more than 8190 bytes",)),
    RequestCase("a body that never ends", _raw(_head("Content-Length: 100") + b"{"), "408",
                ("did not come within 1.0 seconds",)),
    RequestCase("chunks that never end",
                _raw(_head("Transfer-Encoding: chunked") + b"1\r\n{\r\n"), "408",
                ("did not come within 1.0 seconds",)),
    RequestCase("a head that never ends", _raw(_head()[:-4]), "hung up", ()),
]
