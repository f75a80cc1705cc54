"""What can run a bundle's network, each behind the same interface."""

from .engine import Engine
from .magenta import Magenta
from .magentajs import MagentaJs
from .onnx_runtime import OnnxRuntime
from .process import Process
from .servable import Native, NativeUnchecked, Session

ENGINES: tuple[type[Engine], ...] = (Native, Session, Magenta, OnnxRuntime, MagentaJs)

__all__ = ["ENGINES", "Engine", "Magenta", "MagentaJs", "Native", "NativeUnchecked",
           "OnnxRuntime", "Process", "Session"]
