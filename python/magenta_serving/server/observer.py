"""Tells about each Predict request: a line in the log, and the metrics."""

import asyncio
import contextlib
import dataclasses
import logging
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

from magenta_serving import protos
from magenta_serving.errors import ServableError
from magenta_serving.server.manager import ServableHandle
from magenta_serving.server.metrics import Metrics

# The header, and the key of gRPC metadata, in which a request's id comes and goes.
REQUEST_ID = "x-request-id"

_log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Longer names of models, which no model has, are cut in the log.
_MAX_NAME = 128


def request_id(wish: str | None) -> str:
    """Returns the client's own id if it is one, else a new one."""
    return wish if wish and _REQUEST_ID.fullmatch(wish) else uuid.uuid4().hex


@dataclasses.dataclass
class RequestRecord:
    """What is told about one request; nothing of its music.

    Attributes:
      id: the request's.
      model: the name that was asked for.
      version, family: of what answers; None before it is known.
      signature: that runs, "generate" for "serving_default"; None before it is known.
      steps: of the network; None while they are not counted.
    """

    metrics: Metrics = dataclasses.field(repr=False)
    id: str
    model: str
    version: int | None = None
    family: str | None = None
    signature: str | None = None
    steps: int | None = None

    def served_by(self, handle: ServableHandle) -> None:
        self.version, self.family = handle.id.version, handle.servable.family

    def runs(self, signature: str) -> None:
        self.signature = "generate" if signature == protos.DEFAULT_SIGNATURE else signature

    def used(self, usage: Any) -> None:
        """Counts what the servable did for it, also for a request that failed; in any thread."""
        self.metrics.sequences.add(self.model, self.family, amount=usage.sequences)
        self.metrics.steps.add(self.model, self.family, amount=usage.steps)
        self.steps = usage.steps


class Observer:
    """Watches over requests."""

    def __init__(self, metrics: Metrics):
        self._metrics = metrics

    @contextlib.contextmanager
    def request(self, id_: str, model: str) -> Iterator[RequestRecord]:
        """Gives a record to fill in; logs and counts it when the block ends, however it does."""
        record = RequestRecord(self._metrics, id_, model)
        start = time.monotonic()
        code = "OK"
        try:
            yield record
        except ServableError as error:
            code = error.code
            raise
        except asyncio.CancelledError:
            code = "CANCELLED"
            raise
        except Exception:
            code = "INTERNAL"
            raise
        finally:
            self._tell(record, code, time.monotonic() - start)

    def _tell(self, record: RequestRecord, code: str, seconds: float) -> None:
        _log.info("request", extra={"fields": {
            "request_id": record.id, "model": record.model[:_MAX_NAME], "version": record.version,
            "family": record.family, "signature": record.signature, "steps": record.steps,
            "code": code, "milliseconds": round(seconds * 1000, 3)}})
        # Names that a client made up are no labels: each would stay for ever.
        if record.family is not None:
            labels = record.model, record.family, record.signature or ""
            self._metrics.requests.add(*labels, code)
            self._metrics.latency.labels(*labels).observe(seconds * 1e6)
