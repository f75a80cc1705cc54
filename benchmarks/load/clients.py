"""Clients that ask one question after the other, some of them impatient."""

import asyncio
import collections
import random
import time
from collections.abc import Callable, Sequence

import aiohttp
import grpc

from .questions import Question, choose

_METHOD = "/tensorflow.serving.PredictionService/Predict"
# Clients that share a connection.
_PER_CHANNEL = 16
# Seconds: of a patient client, far more than a request takes; of impatient ones.
_PATIENCE, _DEADLINES, _CANCELLED_AFTER = 300, (0.005, 0.1), (0.001, 0.05)
# Way to ask -> (share of the requests, codes that are no failure).
_WAYS = {
    "grpc": (0.8, {"OK", "RESOURCE_EXHAUSTED"}),
    "rest": (0.1, {"OK", "RESOURCE_EXHAUSTED"}),
    "deadline": (0.05, {"OK", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}),
    "cancel": (0.05, {"OK", "RESOURCE_EXHAUSTED", "CANCELLED"}),
}
_CODE_OF_HTTP = {200: "OK", 429: "RESOURCE_EXHAUSTED"}


class Outcomes:
    """What the clients got.

    Attributes:
        codes: (way, code) -> answers.
        seconds: size -> time of each patient gRPC request that was answered.
        wrong: descriptions of answers that differ from the same request's alone.
        failures: descriptions of errors that no client brought about.
    """

    def __init__(self) -> None:
        self.codes: collections.Counter[tuple[str, str]] = collections.Counter()
        self.seconds: dict[str, list[float]] = collections.defaultdict(list)
        self.wrong: list[str] = []
        self.failures: list[str] = []

    def add(self, way: str, question: Question, code: str, seconds: float, right: bool,
            details: str) -> None:
        self.codes[way, code] += 1
        name = f"{way} {question.model} {question.size}"
        if code not in _WAYS[way][1]:
            self.failures.append(f"{name}: {code} {details}"[:300])
        elif code == "OK" and not right:
            self.wrong.append(name)
        elif code == "OK" and way == "grpc":
            self.seconds[question.size].append(seconds)


async def run(grpc_address: str, rest_address: str, questions: Sequence[Question], clients: int,
              is_over: Callable[[], bool], outcomes: Outcomes) -> None:
    """Lets so many clients ask until it is over."""
    channels = [
        grpc.aio.insecure_channel(grpc_address, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(-(-clients // _PER_CHANNEL))]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(f"http://{rest_address}", connector=connector) as session:
        await asyncio.gather(*(
            _client(channels[i // _PER_CHANNEL], session, questions, random.Random(i), is_over,
                    outcomes) for i in range(clients)))
    for channel in channels:
        await channel.close()


async def _client(channel: grpc.aio.Channel, session: aiohttp.ClientSession,
                  questions: Sequence[Question], chance: random.Random,
                  is_over: Callable[[], bool], outcomes: Outcomes) -> None:
    predict = channel.unary_unary(_METHOD)
    while not is_over():
        way = chance.choices(list(_WAYS), [share for share, _ in _WAYS.values()])[0]
        question = choose(questions, chance)
        start = time.monotonic()
        right, details = False, ""
        if way == "rest":
            code, answer, details = await _rest(session, question)
            right = code == "OK" and question.right_json(answer)
        else:
            timeout = chance.uniform(*_DEADLINES) if way == "deadline" else _PATIENCE
            call = predict(question.message, timeout=timeout)
            if way == "cancel":
                asyncio.get_running_loop().call_later(
                    chance.uniform(*_CANCELLED_AFTER), call.cancel)
            try:
                right, code = question.right(await call), "OK"
            except asyncio.CancelledError:
                code = "CANCELLED"
            except grpc.aio.AioRpcError as error:
                code, details = error.code().name, error.details() or ""
        outcomes.add(way, question, code, time.monotonic() - start, right, details)
        if code == "RESOURCE_EXHAUSTED":
            await asyncio.sleep(chance.uniform(0.05, 0.2))


async def _rest(session: aiohttp.ClientSession, question: Question) -> tuple[str, bytes, str]:
    """Returns code, body and, of an error, its text."""
    try:
        async with session.post(f"/v1/models/{question.model}:predict",
                                data=question.body) as response:
            body = await response.read()
    except aiohttp.ClientError as error:
        return type(error).__name__, b"", str(error)
    code = _CODE_OF_HTTP.get(response.status, f"HTTP {response.status}")
    return code, body, "" if code == "OK" else body.decode(errors="replace")
