"""The compiled servable: a loaded Magenta bundle with its signatures.

The extension module is linked to the C++ libraries inside the TensorFlow wheel. They are loaded
here by their place, so neither a library path nor an import of TensorFlow's Python (which takes
seconds) is needed.
"""

import ctypes
import importlib.util
import os
import pathlib

# In this order: the second needs the first.
_LIBRARIES = ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2")


def _load_tensorflow_libraries() -> None:
    spec = importlib.util.find_spec("tensorflow")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "The Python package tensorflow, whose wheel carries the C++ libraries, is not "
            "installed", name="tensorflow")
    # TensorFlow tells of CPU features and of old ops in every bundle, at each load. Errors remain.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    for name in _LIBRARIES:
        ctypes.CDLL(str(pathlib.Path(spec.origin).parent / name))


_load_tensorflow_libraries()

from magenta_serving._servable import (  # noqa: E402
    Cancellation, Servable, Signature, TensorSpec, Usage, count_parts)

__all__ = ["Cancellation", "Servable", "Signature", "TensorSpec", "Usage", "count_parts"]
