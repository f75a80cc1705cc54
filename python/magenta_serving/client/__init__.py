"""Clients of Magenta Serving, for any server that speaks TensorFlow Serving's gRPC API.

    from magenta_serving import MagentaClient

    with MagentaClient("localhost:8500") as client:
        melody, = client.generate("melody", primer=[60, -2, 62, -2, 64], num_steps=64, seed=7)

and the same awaited:

    async with AsyncMagentaClient("localhost:8500") as client:
        melody, = await client.generate("melody", num_steps=64, seed=7)

They need numpy, protobuf and grpcio, and load neither TensorFlow nor note_seq. Where note_seq is
installed, sequences are its own `NoteSequence` messages, whichever of the two is imported first;
elsewhere they are messages of the same names and wire format.
"""

from magenta_serving.client.aio import AsyncMagentaClient
from magenta_serving.client.calls import Primer
from magenta_serving.client.results import Generation, Score, VersionStatus
from magenta_serving.client.sync import MagentaClient

__all__ = [
    "AsyncMagentaClient", "Generation", "MagentaClient", "Primer", "Score", "VersionStatus"]
