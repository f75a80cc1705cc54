"""Magenta Serving: Magenta's generators behind TensorFlow Serving's API.

    from magenta_serving import MagentaClient, Servable

Importing this package is cheap: `Servable` (the compiled part, which loads TensorFlow's libraries)
and the clients are imported when they are first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from magenta_serving.errors import ServableError

if TYPE_CHECKING:
    from magenta_serving.client import AsyncMagentaClient, MagentaClient
    from magenta_serving.servable import Servable

__all__ = ["AsyncMagentaClient", "MagentaClient", "Servable", "ServableError"]

_LAZY = {
    "AsyncMagentaClient": "magenta_serving.client",
    "MagentaClient": "magenta_serving.client",
    "Servable": "magenta_serving.servable",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
