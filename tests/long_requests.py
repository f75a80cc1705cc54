"""Requests that outlast what a test does meanwhile, on a machine of any speed."""

import time
from typing import Any

import numpy as np

from .contract.api import Api

# Hours of work: 64 sequences of so many steps.
ENDLESS = {"num_steps": 50_000_000, "num_outputs": 64, "seed": 1}
# What a server must be started with to take these requests.
LIMITS = {"max_steps": 100_000_000, "max_events": 100_000_000}


def find_lasting(api: Api, seconds: float = 2) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Returns a request that takes the server at least so long when alone, and its answer."""
    inputs = {"num_steps": 4096, "num_outputs": 32, "seed": 1}
    while True:
        start = time.monotonic()
        answer = api.predict(inputs)
        if time.monotonic() - start >= seconds:
            return inputs, answer
        inputs["num_steps"] *= 2
