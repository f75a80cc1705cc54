"""Hostile bundles: what each is made of, and what a message about it must say."""

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import numpy as np

from . import checkpoints
from .draft import Draft


@dataclasses.dataclass(frozen=True)
class BundleCase:
    """A bundle that is not as Magenta writes it.

    Attributes:
        name: what is wrong with it.
        make: makes it of a good one.
        says: what the message must have in it.
        code: "OK" when the bundle must load, because what is wrong is never run or kept in bounds.
    """

    name: str
    make: Callable[[bytes], bytes]
    says: tuple[str, ...]
    code: str = "INVALID_ARGUMENT"


def _of(edit: Callable[[Draft], Any]) -> Callable[[bytes], bytes]:
    """Makes a bundle by an edit of a draft."""
    def make(good: bytes) -> bytes:
        draft = Draft(good)
        edit(draft)
        return draft.serialized()
    return make


def _cut(part: float) -> Callable[[bytes], bytes]:
    return lambda good: good[:int(len(good) * part)]


def _with_node(op: str, *inputs: str, **attributes: Any) -> Callable[[bytes], bytes]:
    """Makes a bundle whose steps wait for a node "bad"."""
    def edit(draft: Draft) -> None:
        draft.constant("text", np.array(b"/etc/passwd", object))
        draft.add(op, "bad", *inputs, **attributes)
        draft.run_always("bad")
    return _of(edit)


def _with_fill(*sizes: int) -> Callable[[bytes], bytes]:
    return _of(lambda draft: draft.run_always(draft.fill("bad", *sizes)))


def _growing(op: str, *inputs: Any, **attributes: Any) -> Callable[[bytes], bytes]:
    """Makes a bundle whose steps wait for an operation on constants."""
    def edit(draft: Draft) -> None:
        names = [draft.constant(f"bad/{i}", value) for i, value in enumerate(inputs)]
        draft.add(op, "bad", *names, **attributes)
        draft.run_always("bad")
    return _of(edit)


def _functions(draft: Draft, calls: dict[str, str]) -> None:
    """Adds functions of one node each, {function: operation}, and a loop that calls the first."""
    for name, op in calls.items():
        draft.add_function(name, op, **({"body": next(iter(calls))} if op == "While" else {}))
    draft.add("While", "bad", body=next(iter(calls)))
    draft.run_always("bad")


def _input(draft: Draft, op: str, name: str) -> None:
    draft.first(op).input[0] = name


def _restore_another(draft: Draft) -> None:
    draft.constant("other", np.array(b"/etc/passwd", object))
    for node in draft.graph.node:
        if node.op == "RestoreV2":
            node.input[0] = "other"


def _restore_constant(draft: Draft) -> None:
    large = draft.constant("large", np.zeros((1024, 1024), np.float32))
    for node in draft.graph.node:
        if node.op == "Assign" and draft.node(node.input[1].split(":")[0]).op == "RestoreV2":
            node.input[1] = large
            node.attr["validate_shape"].b = False


def _many_fills(draft: Draft) -> None:
    """Each is within bounds, and all are kept until they are packed."""
    names = [draft.fill(f"bad/{i}", 1 << 24) for i in range(100)]
    draft.add("Pack", "bad", *names, N=len(names), axis=0, T="DT_FLOAT")
    draft.run_always("bad")


def _endless(draft: Draft) -> None:
    """A loop that passes a number round for as long as true is true."""
    draft.constant("bad/number", np.int32(0))
    draft.constant("bad/true", np.True_)
    draft.add("Enter", "bad/enter", "bad/number", T="DT_INT32", is_constant=False)
    draft.add("Enter", "bad/condition", "bad/true", T="DT_BOOL", is_constant=True)
    for name in ("bad/enter", "bad/condition"):
        draft.node(name).attr["frame_name"].s = b"bad"
        draft.node(name).attr["parallel_iterations"].i = 32
    draft.add("Merge", "bad/merge", "bad/enter", "bad/next", T="DT_INT32", N=2)
    draft.add("LoopCond", "bad/loop", "bad/condition")
    draft.add("Switch", "bad/switch", "bad/merge", "bad/loop", T="DT_INT32")
    draft.add("NextIteration", "bad/next", "bad/switch:1", T="DT_INT32")
    draft.add("Exit", "bad", "bad/switch", T="DT_INT32")
    draft.run_always("bad")


def _far_write(draft: Draft) -> None:
    """The loop's output is written a billion places further on, and room is made for it."""
    outputs = draft.node(draft.first("TensorArrayGatherV3").input[0])
    outputs.attr["dynamic_size"].b = True
    draft.first("TensorArrayWriteV3").input[1] = draft.constant("far", np.int32(2**30))


def _long_without_values(draft: Draft) -> None:
    """An array as long as a tensor that has no values, but a dimension of 2^30."""
    def part(name: str, of: str, first: int, end: int, shrink: int, kind: str) -> None:
        places = [draft.constant(f"{name}/{key}", np.array([value], np.int32))
                  for key, value in (("first", first), ("end", end), ("by", 1))]
        draft.add("StridedSlice", name, of, *places, T=kind, Index="DT_INT32", begin_mask=0,
                  end_mask=0, ellipsis_mask=0, new_axis_mask=0, shrink_axis_mask=shrink)

    part("bad/none", draft.collection("inputs")[0], 0, 0, 0, "DT_FLOAT")
    draft.add("Reshape", "bad/long", "bad/none",
              draft.constant("bad/sizes", np.array([0, 2**30], np.int32)),
              T="DT_FLOAT", Tshape="DT_INT32")
    draft.add("Shape", "bad/shape", "bad/long", T="DT_FLOAT", out_type="DT_INT32")
    part("bad/length", "bad/shape", 1, 2, 1, "DT_INT32")
    draft.add("TensorArrayV3", "bad", "bad/length", dtype="DT_FLOAT", dynamic_size=False)
    draft.run_always("bad")


def _array_in_a_loop(draft: Draft) -> None:
    """An array for each iteration, none of which is ever used."""
    size = draft.constant("bad/size", np.int32(1 << 16))
    draft.node(size).input.append(f"^{draft.first('NextIteration').input[0]}")
    draft.add("TensorArrayV3", "bad", size, dtype="DT_FLOAT", dynamic_size=False)
    draft.run_always("bad")


def _recurse(draft: Draft) -> None:
    _functions(draft, {"again": "While"})


def _multiply(draft: Draft) -> None:
    """A billion nodes: a thousand calls of what calls a thousand times what has a thousand."""
    draft.add_function("third", "NoOp", 1000)
    draft.add_function("second", "While", 1000, body="third")
    draft.add_function("first", "While", 1000, body="second")
    draft.add("While", "bad", body="first")
    draft.run_always("bad")


def _double(op: str, base: str, *more: str, **attributes: Any) -> Callable[[bytes], bytes]:
    """Makes a bundle whose logits are what an operation makes of two of the same, 40 times over."""
    def edit(draft: Draft) -> None:
        logits = draft.node(draft.node("Softmax").input[0])
        draft.constant("bad/one", np.int32(1))
        draft.add(base, "bad/0", logits.input[0], T="DT_FLOAT")
        for i in range(40):
            draft.add(op, f"bad/{i + 1}", f"bad/{i}", f"bad/{i}", *more, T="DT_FLOAT", N=2,
                      **attributes)
        logits.input[0] = "bad/40"
    return _of(edit)


def _many_nodes(draft: Draft) -> None:
    for number in range(1_000_000):
        draft.graph.node.add(name=str(number), op="NoOp")


def _slow(draft: Draft) -> None:
    """Products of large matrices, one after the other, for an hour."""
    name = draft.fill("bad/factor", 4096, 4096)
    for number in range(1000):
        product = f"bad/{number}"
        draft.add("MatMul", product, name, "bad/factor", T="DT_FLOAT", transpose_a=False,
                  transpose_b=False)
        name = product
    draft.run_always(name)


def _cycle(draft: Draft) -> None:
    draft.add("Identity", "bad/a", "bad/b", T="DT_FLOAT")
    draft.add("Identity", "bad/b", "bad/a", T="DT_FLOAT")
    draft.run_always("bad/a")


def _reshape_in_circles(draft: Draft) -> None:
    draft.constant("bad/shape", np.array([-1, 38], np.int32))
    for name, other in (("bad/a", "bad/b"), ("bad/b", "bad/a")):
        draft.add("Reshape", name, other, "bad/shape", T="DT_FLOAT", Tshape="DT_INT32")
    draft.collection("softmax")[0] = "bad/a:0"


def _declare(node: Callable[[Draft], Any], attribute: str, *sizes: int
             ) -> Callable[[bytes], bytes]:
    """Makes a bundle in which a node declares another shape."""
    def edit(draft: Draft) -> None:
        value = node(draft).attr[attribute]
        shape = value.tensor.tensor_shape if attribute == "value" else value.shape
        del shape.dim[:]
        for size in sizes:
            shape.dim.add(size=size)
    return _of(edit)


def _weights(edit: Callable[[list[checkpoints.Entry]], list[checkpoints.Entry]], **options: Any
             ) -> Callable[[bytes], bytes]:
    """Makes a bundle by an edit of its checkpoint's entries."""
    return _of(lambda draft: draft.edit_checkpoint(edit, **options))


def _described(edit: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """Makes a bundle whose checkpoint describes its first tensor otherwise."""
    def change(content: list[checkpoints.Entry]) -> list[checkpoints.Entry]:
        slices = checkpoints.description(content)
        edit(slices.meta.tensor[0])
        return checkpoints.described(content, slices)
    return _weights(change)


def _with_value(value: float) -> Callable[[bytes], bytes]:
    """Makes a bundle whose last tensor begins with another value."""
    def change(content: list[checkpoints.Entry]) -> list[checkpoints.Entry]:
        slices = checkpoints.values(content[-1])
        slices.data.data.float_val[0] = value
        return [*content[:-1], (content[-1][0], slices.SerializeToString())]
    return _weights(change)


def _bytes_changed(at: float, to: bytes) -> Callable[[bytes], bytes]:
    """Makes a bundle with other bytes somewhere in its checkpoint."""
    def edit(draft: Draft) -> None:
        data, place = bytearray(draft.checkpoint), int(len(draft.checkpoint) * at)
        data[place:place + len(to)] = to
        draft.checkpoint = bytes(data)
    return _of(edit)


_TENSOR = "fully_connected/biases"
_TOO_MUCH = ("takes more than", "MiB of memory")
_GENERATION = "no operation that generation takes in Magenta's graphs"

CASES = [
    # The file.
    BundleCase("an empty file", lambda good: b"", ("one checkpoint file", "has 0")),
    BundleCase("random bytes", lambda good: random.Random(1).randbytes(100_000),
               ("GeneratorBundleParseError", "not a serialized GeneratorBundle")),
    *(BundleCase(f"cut off after {round(100 * part)}%", _cut(part), ("GeneratorBundleParseError",))
      for part in (0.01, 0.25, 0.5, 0.75, 0.99)),
    BundleCase("one byte too few", lambda good: good[:-1], ("not a serialized GeneratorBundle",)),
    BundleCase("a field that declares 2 GiB", lambda good: b"\x12\xff\xff\xff\xff\x07" + good,
               ("not a serialized GeneratorBundle",)),
    BundleCase("a million empty fields", lambda good: good + b"\x0a\0" * 1_000_000,
               ("not a serialized GeneratorBundle",)),
    BundleCase("something else, zipped", lambda good: b"PK\3\4" + bytes(1000),
               ("not a serialized GeneratorBundle",)),
    BundleCase("no metagraph", _of(lambda d: d.metagraph.Clear()), ("metagraph is missing",)),
    BundleCase("no checkpoint", _of(lambda d: setattr(d, "checkpoint", b"")),
               ("checkpoint file is empty",)),
    BundleCase("two checkpoints", _of(lambda d: d.bundle.checkpoint_file.append(b"x")),
               ("one checkpoint file", "has 2")),
    BundleCase("no generator id", _of(lambda d: d.bundle.generator_details.ClearField("id")),
               ("no generator id",)),
    BundleCase("an unknown generator id",
               _of(lambda d: setattr(d.bundle.generator_details, "id", "<b>no_such_rnn</b>")),
               ("no generator", "<b>no_such_rnn</b>"), "UNIMPLEMENTED"),
    BundleCase("the id of another family",
               _of(lambda d: setattr(d.bundle.generator_details, "id", "drum_kit")), ("input",)),
    # What the graph does.
    BundleCase("ReadFile", _with_node("ReadFile", "text"), ("'bad' (ReadFile)", _GENERATION)),
    BundleCase("WriteFile", _with_node("WriteFile", "text", "text"),
               ("'bad' (WriteFile)", _GENERATION)),
    BundleCase("WriteFile that nothing needs", _of(
        lambda d: d.add("WriteFile", "bad", d.constant("text", np.array(b"/tmp/x", object)),
                        "text")), (), "OK"),
    BundleCase("PyFunc", _with_node("PyFunc", "text"), ("'bad' (PyFunc)", _GENERATION)),
    BundleCase("SaveV2", _with_node("SaveV2", "text", "text", "text"),
               ("'bad' (SaveV2)", _GENERATION)),
    BundleCase("DecodeJpeg", _with_node("DecodeJpeg", "text"), ("'bad' (DecodeJpeg)",)),
    BundleCase("Print", _with_node("PrintV2", "text"), ("'bad' (PrintV2)", _GENERATION)),
    BundleCase("an operation that there is not", _with_node("NoSuchOp"), ("'bad' (NoSuchOp)",)),
    BundleCase("RestoreV2 of another file", _of(_restore_another),
               ("(RestoreV2) reads another file than the checkpoint",)),
    BundleCase("a variable that restoring sets to a constant", _of(_restore_constant),
               ("(Assign) assigns something else than the checkpoint holds",)),
    BundleCase("a function that hides WriteFile",
               _of(lambda d: _functions(d, {"innocent": "WriteFile"})),
               ("calls 'inside' (WriteFile)",)),
    BundleCase("a function that calls itself", _of(_recurse), ("calls itself", "'again'")),
    BundleCase("a function with the name of an operation",
               _of(lambda d: _functions(d, {"MatMul": "NoOp"})),
               ("function 'MatMul' has the name of something else",)),
    BundleCase("a node that is computed from itself", _of(_cycle), ("in a cycle",)),
    BundleCase("a probability that is computed from itself", _of(_reshape_in_circles),
               ("in a cycle",)),
    BundleCase("40 conditions on the two before", _double("Merge", "Tanh"), (), "OK"),
    BundleCase("a loop that never ends", _of(_endless), ("does not end within 21 seconds",)),
    BundleCase("an hour of products", _of(_slow), ("does not end within 21 seconds",)),
    # How large the graph is.
    BundleCase("a million nodes", _of(_many_nodes), ("at most",)),
    BundleCase("a million empty names", _of(
        lambda d: d.metagraph.collection_def["names"].node_list.value.extend([""] * 1_000_000)),
        ("more than 524288 parts",)),
    BundleCase("functions that grow to a billion nodes", _of(_multiply),
               ("makes the graph grow by more than 64 MiB",)),
    BundleCase("40 concatenations of the two before",
               _double("ConcatV2", "Identity", "bad/one", Tidx="DT_INT32"), _TOO_MUCH),
    BundleCase("a constant of 4 GiB that are not there",
               _declare(lambda d: d.node("Fill/dims"), "value", 1 << 30),
               ("constant larger than Magenta's graphs have", "1073741824")),
    BundleCase("a constant whose size overflows",
               _declare(lambda d: d.node("Fill/dims"), "value", 1 << 62, 4),
               ("constant larger than Magenta's graphs have",)),
    BundleCase("a batch of 1,000,000,000 rows",
               _declare(lambda d: d.node("Placeholder"), "shape", 10**9, -1, 121),
               ("its shape is a shape that no network has", "1000000000")),
    BundleCase("a batch of 100,000 rows",
               _declare(lambda d: d.node("Placeholder"), "shape", 10**5, -1, 121),
               ("inputs have shape", "100000", "from 1 to 65536")),
    BundleCase("a negative dimension",
               _declare(lambda d: d.node("Placeholder"), "shape", -7, -1, 121), ("-7",)),
    BundleCase("a variable of 2^40 values",
               _declare(lambda d: d.node(_TENSOR), "shape", 1 << 40),
               (_TENSOR, "1099511627776")),
    BundleCase("Fill of 16 GiB", _with_fill(1 << 16, 1 << 16), _TOO_MUCH),
    BundleCase("100 Fills of 64 MiB", _of(_many_fills), _TOO_MUCH),
    BundleCase("Tile of 16 GiB", _growing(
        "Tile", np.zeros((1 << 10, 1), np.float32), np.array([1 << 11, 1 << 11], np.int32),
        T="DT_FLOAT", Tmultiples="DT_INT32"), _TOO_MUCH),
    BundleCase("OneHot of 16 GiB", _growing(
        "OneHot", np.zeros(1 << 10, np.int32), np.int32(1 << 22), np.float32(1), np.float32(0),
        T="DT_FLOAT", TI="DT_INT32", axis=-1), _TOO_MUCH),
    BundleCase("Range of 8 GiB", _growing(
        "Range", np.int32(0), np.int32(2**31 - 1), np.int32(1), Tidx="DT_INT32"),
        _TOO_MUCH),
    BundleCase("a product of 16 GiB", _growing(
        "MatMul", np.zeros((1 << 16, 1), np.float32), np.zeros((1, 1 << 16), np.float32),
        T="DT_FLOAT", transpose_a=False, transpose_b=False), _TOO_MUCH),
    BundleCase("an array of 2^31 - 1 tensors", _of(
        lambda d: _input(d, "TensorArrayV3", d.constant("many", np.int32(2**31 - 1)))),
        ("has a size that is neither a constant up to 65536",)),
    BundleCase("an array that grows to 2^30 tensors", _of(_far_write),
               ("writes elsewhere than into an array of fixed size",)),
    BundleCase("an array as long as an empty tensor", _of(_long_without_values), (), "OK"),
    BundleCase("an array in a loop", _of(_array_in_a_loop),
               ("has a size that is neither a constant up to 65536",)),
    BundleCase("a convolution with a filter of any size", _with_node("Conv2D", "text", "text"),
               ("'bad' (Conv2D) has a filter that is no variable",)),
    BundleCase("a loop of 2^31 iterations at a time", _of(
        lambda d: setattr(d.first("Enter").attr["parallel_iterations"], "i", 2**31)),
        ("parallel_iterations is 2147483648", "at most 4096")),
    BundleCase("Split into 1,000,000,000 pieces", _of(
        lambda d: setattr(d.first("Split").attr["num_split"], "i", 10**9)),
        ("num_split is 1000000000", "at most 4096")),
    # What Magenta's collections name.
    BundleCase("no placeholder of that name", _of(
        lambda d: d.collection("inputs").__setitem__(0, "no_such:0")),
        ("'no_such:0' is not a placeholder",)),
    BundleCase("no temperature", _of(lambda d: d.metagraph.collection_def.pop("temperature")),
               ("feed a value for placeholder tensor",)),
    BundleCase("no initial state", _of(lambda d: d.metagraph.collection_def.pop("initial_state")),
               ("0 initial and 4 final state tensors",)),
    BundleCase("no saver", _of(lambda d: d.metagraph.ClearField("saver_def")), ("no saver",)),
    # The checkpoint.
    BundleCase("a SavedModel's variables", _of(lambda d: setattr(d, "checkpoint", b"\0" * 1000)),
               ("checkpoint is refused", "not a V1 checkpoint")),
    BundleCase("a checksum that is wrong", _bytes_changed(0.5, b"\xff\xfe\xfd"),
               ("checkpoint is refused", "checksum", "is wrong")),
    BundleCase("a footer that points outside",
               _of(lambda d: setattr(d, "checkpoint", d.checkpoint[:-48] + b"\xff" * 9 + b"\x01"
                                     + d.checkpoint[-38:])), ("checkpoint is refused",)),
    BundleCase("blocks that overlap", _weights(lambda content: content, overlap=True),
               ("a block begins at byte", "where the one before it ends")),
    BundleCase("blocks said to be compressed", _weights(lambda content: content, compression=1),
               ("a block is compressed",)),
    BundleCase("a weight that is NaN", _with_value(float("nan")), ("not finite numbers",)),
    BundleCase("a weight that is infinite", _with_value(float("inf")), ("not finite numbers",)),
    BundleCase("weights of strings", _described(lambda tensor: setattr(tensor, "type", 7)),
               (_TENSOR, "of type DT_STRING, not DT_FLOAT")),
    BundleCase("weights of doubles", _described(lambda tensor: setattr(tensor, "type", 2)),
               (_TENSOR, "of type DT_DOUBLE, not DT_FLOAT")),
    BundleCase("weights of another shape",
               _described(lambda tensor: setattr(tensor.shape.dim[0], "size", 7)),
               (_TENSOR, "values; its shape")),
    BundleCase("weights of an enormous shape",
               _described(lambda tensor: setattr(tensor.shape.dim[0], "size", 1 << 40)),
               (_TENSOR, "a shape that no network has")),
    BundleCase("a variable that is missing", _weights(lambda content: content[:-1]),
               ("the values of", "are missing")),
]
