"""A good bundle to be made a hostile one."""

import copy
from typing import Any

import numpy as np

from magenta_serving import protos, tensors

from . import checkpoints

_Bundle = protos.message_class("magenta.GeneratorBundle")
_Function = protos.message_class("tensorflow.FunctionDef")
_MetaGraph = protos.message_class("tensorflow.MetaGraphDef")


class Draft:
    """A bundle, taken apart.

    Attributes:
        bundle: the GeneratorBundle; of its metagraph and checkpoint, what follows counts.
        metagraph: its MetaGraphDef.
        checkpoint: the bytes of its checkpoint.
    """

    def __init__(self, bundle: bytes):
        self.bundle = _Bundle.FromString(bundle)
        self.metagraph = _MetaGraph.FromString(self.bundle.metagraph_file)
        self.checkpoint = self.bundle.checkpoint_file[0]

    def serialized(self) -> bytes:
        bundle = copy.copy(self.bundle)
        bundle.metagraph_file = self.metagraph.SerializeToString()
        bundle.checkpoint_file[0] = self.checkpoint
        return bundle.SerializeToString()

    @property
    def graph(self) -> Any:
        return self.metagraph.graph_def

    def node(self, name: str) -> Any:
        return next(node for node in self.graph.node if node.name == name)

    def first(self, op: str) -> Any:
        """Returns the first node of an operation."""
        return next(node for node in self.graph.node if node.op == op)

    def collection(self, name: str) -> Any:
        """Returns the names of a collection's tensors."""
        return self.metagraph.collection_def[name].node_list.value

    def add(self, op: str, name: str, *inputs: str, **attributes: Any) -> Any:
        """Adds a node; attributes are numbers, or DataTypes' names."""
        node = self.graph.node.add(op=op, name=name, input=inputs)
        _set_all(node, attributes)
        return node

    def add_function(self, name: str, op: str, count: int = 1, **attributes: Any) -> None:
        """Adds a function of equal nodes, whose attributes are given as to `add`."""
        function = _Function(signature={"name": name}, node_def=[
            {"name": f"inside_{i}" if i else "inside", "op": op} for i in range(count)])
        for node in function.node_def:
            _set_all(node, attributes)
        self.graph.MergeFrom(type(self.graph)(library={"function": [function]}))

    def constant(self, name: str, value: Any) -> str:
        """Adds a constant of what numpy makes of a value; returns its name."""
        tensor = tensors.to_tensor_proto(np.asarray(value))
        node = self.add("Const", name)
        node.attr["dtype"].type = tensor.dtype
        node.attr["value"].tensor.CopyFrom(tensor)
        return name

    def fill(self, name: str, *sizes: int) -> str:
        """Adds a node that makes zeros; returns its name."""
        self.add("Fill", name, self.constant(f"{name}/sizes", np.array(sizes, np.int32)),
                 self.constant(f"{name}/zero", np.float32(0)), T="DT_FLOAT", index_type="DT_INT32")
        return name

    def run_always(self, name: str) -> None:
        """Makes every step wait for a node."""
        self.node("fully_connected/MatMul").input.append(f"^{name}")

    def edit_checkpoint(self, edit: Any, **options: Any) -> None:
        """Puts the checkpoint together again from what `edit` makes of its entries."""
        self.checkpoint = checkpoints.table(edit(checkpoints.entries(self.checkpoint)), **options)


def _set_all(node: Any, attributes: dict[str, Any]) -> None:
    for key, value in attributes.items():
        _set(node.attr[key], value)


def _set(attribute: Any, value: Any) -> None:
    if isinstance(value, bool):
        attribute.b = value
    elif isinstance(value, int):
        attribute.i = value
    elif value.startswith("DT_"):
        attribute.type = tensors.dtype_number(value)
    else:
        attribute.func.name = value
