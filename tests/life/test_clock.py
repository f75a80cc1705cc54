"""Clocks that jump, as after a wrong start, a leap of NTP or a pause of the machine.

libfaketime stands between the server and the wall clock; the monotonic clock goes on, as the
kernel's does.
"""

import json
import pathlib
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from tests.contract.api import wait_for
from tests.long_requests import ENDLESS, LIMITS, find_lasting

from .conftest import SHORT, api_of

_JUMPS = {"back": timedelta(days=-400), "forth": timedelta(days=400)}


@pytest.fixture
def jump(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Sets the clocks of servers that are started from now on so far from the true time."""
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    file = tmp_path / "clock"

    def set_clock(offset: timedelta) -> None:
        draft = file.with_suffix(".draft")
        draft.write_text(f"{offset.total_seconds():+.0f}\n")
        draft.rename(file)

    set_clock(timedelta())
    for name, value in {
        "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": 1,
        "FAKETIME_DONT_FAKE_MONOTONIC": 1,
    }.items():
        monkeypatch.setenv(name, str(value))
    return set_clock


@pytest.mark.parametrize("offset", _JUMPS.values(), ids=_JUMPS)
def test_clock_jumps(start_server: Callable, make_models: Callable, jump: Callable,
                     offset: timedelta):
    models = make_models(melody=[1])
    server = start_server(models=str(models), limits=LIMITS, file_system_poll_wait_seconds=1,
                          log_format="json")
    api = api_of(server)
    inputs, expected = find_lasting(api)
    with ThreadPoolExecutor(2) as clients:
        answers = [clients.submit(api.predict, inputs, timeout=30),
                   clients.submit(api.rest_predict, {"inputs": inputs})]
        time.sleep(0.3)
        assert not any(answer.done() for answer in answers)
        jump(offset)
        assert answers[0].result()["midi_bytes"].tolist() == expected["midi_bytes"].tolist()
        assert len(answers[1].result()["outputs"]["midi_bytes"]) == inputs["num_outputs"]
    assert api.predict(SHORT, timeout=30)
    # The folder is still looked at.
    (models / "melody/1").rename(models / "melody/2")
    wait_for(lambda: api.state(2) == "AVAILABLE", "the next version", 20)
    assert api.predict(SHORT, version=2)
    assert abs(_last_log_time(server.output()) - datetime.now(UTC) - offset) < timedelta(minutes=5)


@pytest.mark.parametrize("offset", _JUMPS.values(), ids=_JUMPS)
def test_deadlines_hold(start_unlimited: Callable, jump: Callable, offset: timedelta):
    """A jump neither ends a request early nor lets it run on."""
    api = api_of(start_unlimited())
    with ThreadPoolExecutor(1) as clients:
        call = clients.submit(api.predict, ENDLESS, timeout=3)
        with pytest.raises(TimeoutError):
            call.result(1)
        jump(offset)
        with pytest.raises(TimeoutError):
            call.result(0.5)
        with pytest.raises(grpc.RpcError) as error:
            call.result(5)
    assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert api.predict(SHORT, timeout=30)


@pytest.mark.parametrize("offset", _JUMPS.values(), ids=_JUMPS)
def test_drain_lasts(start_unlimited: Callable, jump: Callable, offset: timedelta):
    """A jump while the server drains cuts no request off."""
    server = start_unlimited()
    api = api_of(server)
    inputs, expected = find_lasting(api)
    with ThreadPoolExecutor(1) as clients:
        call = clients.submit(api.predict, inputs)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        assert not call.done()
        jump(offset)
        assert call.result()["midi_bytes"].tolist() == expected["midi_bytes"].tolist()
    assert server.process.wait(20) == 0


def _last_log_time(output: str) -> datetime:
    """Of the last request."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return datetime.fromisoformat([line for line in lines if "request_id" in line][-1]["time"])
