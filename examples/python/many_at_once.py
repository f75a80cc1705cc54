"""Asks for several continuations at once with asyncio and keeps the likeliest.

Usage: many_at_once.py [HOST:PORT]     pip install magenta-serving
"""

import asyncio
import pathlib
import sys

from magenta_serving import AsyncMagentaClient


async def main(address: str) -> None:
    async with AsyncMagentaClient(address) as client:
        answers = await asyncio.gather(*(
            client.generate_detailed(
                "melody", primer=[60, -2, 62, -2, 64, -2, 65, -2], num_steps=64, seed=seed)
            for seed in range(8)))
    best = max((output for output, in answers), key=lambda output: output.log_likelihood)
    print(f"seed {best.seed}:", [note.pitch for note in best.sequence.notes])
    pathlib.Path("melody.mid").write_bytes(best.midi)


asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "localhost:8500"))
