"""AsyncMagentaClient against a real server."""

import asyncio
import inspect

import numpy as np
import pytest

from magenta_serving import AsyncMagentaClient, MagentaClient, errors

PRIMER = [60, -2, 62, -2, 64, -2]


@pytest.fixture
def with_client(melody_server):
    """Runs a coroutine function with a client, in an event loop of its own."""

    def run(function, **settings):
        async def main():
            async with AsyncMagentaClient(melody_server.grpc_address, **settings) as client:
                return await function(client)

        return asyncio.run(main())

    return run


def test_methods_are_those_of_the_client_that_blocks():
    def methods(cls):
        return {name: inspect.signature(function) for name, function in vars(cls).items()
                if not name.startswith("_")}

    assert methods(AsyncMagentaClient) == methods(MagentaClient)
    assert all(inspect.iscoroutinefunction(getattr(AsyncMagentaClient, name))
               for name in methods(AsyncMagentaClient))


def test_results_are_those_of_the_client_that_blocks(melody_server, with_client):
    async def ask(client):
        return (
            await client.generate("melody", primer=PRIMER, num_steps=32, seed=3),
            await client.generate_detailed("melody", num_steps=32, num_outputs=2, seed=3),
            await client.predict("melody", {"num_steps": 24, "seed": 3}, outputs=["seed"]),
            await client.signatures("melody"),
            await client.status("melody"),
            await client.score("melody", PRIMER * 2),
        )

    *rest, score = with_client(ask)
    with MagentaClient(melody_server.grpc_address) as client:
        assert rest == [
            client.generate("melody", primer=PRIMER, num_steps=32, seed=3),
            client.generate_detailed("melody", num_steps=32, num_outputs=2, seed=3),
            client.predict("melody", {"num_steps": 24, "seed": 3}, outputs=["seed"]),
            client.signatures("melody"),
            client.status("melody"),
        ]
        expected = client.score("melody", PRIMER * 2)
    assert score.log_likelihood == expected.log_likelihood
    np.testing.assert_array_equal(score.event_log_likelihoods, expected.event_log_likelihoods)


def test_many_at_once(with_client):
    async def ask(client):
        return await asyncio.gather(
            *(client.generate_detailed("melody", num_steps=24, seed=seed) for seed in range(8)))

    assert [output.seed for output, in with_client(ask)] == list(range(8))


def test_errors(with_client):
    with pytest.raises(errors.NotFoundError, match="absent"):
        with_client(lambda client: client.generate("absent"))
    with pytest.raises(errors.InvalidArgumentError, match="bogus"):
        with_client(lambda client: client.generate("melody", bogus=1))
    with pytest.raises(errors.DeadlineExceededError):
        with_client(lambda client: client.generate(
            "melody", num_steps=4096, num_outputs=64, timeout=0.002))


def test_cancelling(with_client):
    async def ask(client):
        await client.status()
        task = asyncio.create_task(client.generate("melody", num_steps=4096, num_outputs=64))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The client is as good as before.
        return await client.generate("melody", num_steps=16, seed=1)

    assert len(with_client(ask)) == 1
