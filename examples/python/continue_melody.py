"""Continues a melody with the Python client.

Usage: continue_melody.py [HOST:PORT]     pip install magenta-serving
"""

import pathlib
import sys

from magenta_serving import MagentaClient, ServableError

address = sys.argv[1] if len(sys.argv) > 1 else "localhost:8500"
with MagentaClient(address, timeout=20) as client:
    try:
        melody, = client.generate_detailed(
            "melody", primer=[60, -2, 62, -2, 64, -2, 65, -2], num_steps=64, temperature=0.8,
            seed=7)
    except ServableError as error:
        sys.exit(f"{error.code}: {error.message}")
print([note.pitch for note in melody.sequence.notes])
pathlib.Path("melody.mid").write_bytes(melody.midi)
