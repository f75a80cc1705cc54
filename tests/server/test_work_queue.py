"""The bounded pool of request threads."""

import asyncio
import functools
import gc
import threading
import time
import weakref

import pytest

from magenta_serving.errors import DeadlineExceededError, ResourceExhaustedError
from magenta_serving.server.work_queue import WorkQueue


class Job:
    """Work that lasts until it is let go."""

    def __init__(self):
        self.started, self.go, self.done = (threading.Event() for _ in range(3))

    def __call__(self):
        self.started.set()
        assert self.go.wait(10)
        return "result"


@pytest.fixture
def queue():
    queue = WorkQueue(threads=1, max_queued=1)
    yield queue
    queue.close()


def test_runs_and_tells_when_done(queue):
    done = []
    result = asyncio.run(queue.run(lambda: 5, None, lambda: done.append(1)))
    assert (result, done, queue.unfinished) == (5, [1], 0)


def test_work_that_is_dropped_is_forgotten(queue):
    async def main():
        job = Job()
        first = asyncio.create_task(queue.run(job, None, lambda: None))
        await asyncio.to_thread(job.started.wait, 10)
        work = Job()
        forgotten = weakref.ref(work)
        second = asyncio.create_task(queue.run(work, None, lambda: None))
        del work
        await asyncio.sleep(0.1)
        second.cancel()
        await asyncio.wait((second,))
        del second
        gc.collect()
        assert forgotten() is None
        job.go.set()
        assert await first == "result"

    asyncio.run(main())


def test_threads_that_cannot_start(queue, monkeypatch):
    def fail(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    done = []
    for _ in range(3):
        with pytest.raises(RuntimeError):
            asyncio.run(queue.run(lambda: 5, None, lambda: done.append(1)))
    monkeypatch.undo()
    assert (done, queue.unfinished) == ([1] * 3, 0)
    assert asyncio.run(queue.run(lambda: 5, None, lambda: done.append(1))) == 5


def test_errors_pass_through(queue):
    def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(queue.run(fail, None, lambda: None))
    assert queue.unfinished == 0


def test_errors_are_forgotten(queue):
    """At once, and with them the request that their tracebacks hold."""

    class Request:
        pass

    made = []

    def fail():
        request = Request()
        made.append(weakref.ref(request))
        raise KeyError("x")

    async def main():
        try:
            await queue.run(fail, None, lambda: None)
        except KeyError:
            pass
        # The thread lets go of it after it has told.
        for _ in range(100):
            if made[0]() is None:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("it is still there")

    gc.disable()
    try:
        asyncio.run(main())
    finally:
        gc.enable()


def test_refuses_when_full(queue):
    async def scenario():
        jobs = [Job(), Job()]
        tasks = [asyncio.create_task(queue.run(job, None, job.done.set)) for job in jobs]
        await asyncio.sleep(0)
        refused = threading.Event()
        with pytest.raises(ResourceExhaustedError):
            await queue.run(Job(), None, refused.set)
        assert refused.is_set()
        for job in jobs:
            job.go.set()
        assert await asyncio.gather(*tasks) == ["result", "result"]
        assert all(job.done.is_set() for job in jobs)

    asyncio.run(scenario())
    assert queue.unfinished == 0


def test_deadline_drops_what_waits_and_leaves_what_runs(queue):
    async def scenario():
        running, waiting = Job(), Job()
        deadline = time.monotonic() + 0.1
        abandoned = []
        tasks = [asyncio.create_task(queue.run(job, deadline, job.done.set,
                                               functools.partial(abandoned.append, job)))
                 for job in (running, waiting)]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [DeadlineExceededError] * 2
        assert running in abandoned
        assert waiting.done.is_set() and not waiting.started.is_set()
        assert running.started.is_set() and not running.done.is_set()
        assert queue.unfinished == 1
        running.go.set()
        assert running.done.wait(10)

    asyncio.run(scenario())
    assert queue.unfinished == 0


def test_cancelled_caller_drops_what_waits(queue):
    async def scenario():
        running, waiting = Job(), Job()
        first = asyncio.create_task(queue.run(running, None, running.done.set))
        second = asyncio.create_task(queue.run(waiting, None, waiting.done.set))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert waiting.done.is_set() and not waiting.started.is_set()
        running.go.set()
        assert await first == "result"

    asyncio.run(scenario())


def test_more_than_come_in_a_second():
    queue = WorkQueue(threads=1, max_queued=100, max_per_second=0.001)
    done = []

    async def run():
        await queue.run(lambda: None, None, lambda: done.append(1))
        with pytest.raises(ResourceExhaustedError, match="0.001 requests a second"):
            await queue.run(lambda: None, None, lambda: done.append(2))

    asyncio.run(run())
    queue.close()
    assert done == [1, 2]


def test_cancelled_caller_tells_what_runs(queue):
    async def scenario():
        running, abandoned = Job(), threading.Event()
        task = asyncio.create_task(queue.run(running, None, running.done.set, abandoned.set))
        await asyncio.sleep(0.05)
        assert running.started.is_set() and not abandoned.is_set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert abandoned.is_set()
        running.go.set()
        assert running.done.wait(10)

    asyncio.run(scenario())
