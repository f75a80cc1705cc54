"""Bundles for the comparison: made with Magenta's own code, real ones, and the demo's.

Made bundles have seeded weights instead of trained ones. Plain initial weights would give nearly
uniform distributions, which hide errors; so the weights are drawn with a larger gain and the
classes that sustain or repeat an event get a bias, and melodies with long notes, rests and
repeats come out. They are cached under the user's cache folder, one file per recipe and per
version of what makes them.
"""

import contextlib
import copy
import dataclasses
import glob
import os
import pathlib
import tempfile
import zlib
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from magenta.contrib import training as contrib_training
from magenta.models.shared import sequence_generator_bundle
from note_seq.protobuf import generator_pb2

from . import cudnn, families
from .recipes import Recipe

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A bundle to compare.

    Attributes:
        name: of the bundle in test ids and reports.
        config: name of its Magenta config.
        path: of the .mag file; None when it is not on this machine, or not made yet.
        share: as in `Recipe`.
        origin: "made", "real" or "demo".
        batch_size: of the graph.
        normal: as in `Recipe`; true for real bundles and the demo's.
        fixed: likewise.
    """

    name: str
    config: str
    path: pathlib.Path | None
    share: int
    origin: str
    batch_size: int = 0
    normal: bool = True
    fixed: bool = True


def recipes() -> list[Recipe]:
    """All recipes, in the order of the table."""
    return [recipe for family in families.FAMILIES for name in family.configs()
            for recipe in family.recipes(name)]


def cache_folder() -> pathlib.Path:
    """The folder of made bundles: $XDG_CACHE_HOME or ~/.cache, magenta-serving/parity."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "magenta-serving" / "parity"


def make(recipe: Recipe) -> pathlib.Path:
    """Returns the path of the recipe's bundle, which is made if it isn't in the cache."""
    path = cache_folder() / f"{recipe.name}-{recipe.key()}.mag"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    family = families.of_config(recipe.config)
    config = copy.deepcopy(families.configs()[recipe.config])
    config.hparams = contrib_training.HParams(**(config.hparams.values() | dict(recipe.hparams)))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = os.path.join(folder, "model.ckpt")
        if recipe.v2_control_flow:
            tf.enable_control_flow_v2()
            tf.enable_resource_variables()
        try:
            with cudnn.graphs() if recipe.cudnn else contextlib.nullcontext():
                _write_checkpoint(family, config, recipe, checkpoint)
                generator = family.generator(config, checkpoint=checkpoint)
                part = os.path.join(folder, "bundle.mag")
                generator.create_bundle_file(part, f"parity suite: {recipe.name}")
                generator.close()
        finally:
            tf.disable_control_flow_v2()
            tf.disable_resource_variables()
        # Renamed into place, so that a run that is cut off leaves no half bundle behind.
        finished = path.with_suffix(f".{os.getpid()}")
        finished.write_bytes(pathlib.Path(part).read_bytes())
        finished.rename(path)
    return path


def _write_checkpoint(family: families.Family, config: Any, recipe: Recipe, path: str) -> None:
    """Writes a checkpoint of the config's graph with seeded weights."""
    biases = family.sustaining_classes(config) if recipe.biases is None else recipe.biases
    with tf.Graph().as_default(), tf.Session() as session:
        family.build_graph(config)
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():
            # Seeded by name, so that no weight depends on the order of the variables.
            random = np.random.RandomState(zlib.crc32(variable.op.name.encode()) ^ recipe.seed)
            shape = variable.shape.as_list()
            is_output = family.is_output(variable)
            if len(shape) == 1 and not variable.op.name.endswith("attn_v"):
                value = random.normal(0, 0.1, shape)
                if is_output:
                    for index, bias in biases.items():
                        value[index] += bias
            else:
                fan_in = np.prod(shape[:-1]) if len(shape) > 1 else shape[0]
                gain = recipe.sharpness if is_output else recipe.gain
                value = random.normal(0, gain / np.sqrt(fan_in), shape)
            variable.load(value.astype(np.float32), session)
        tf.train.Saver().save(session, path)


def real_folder() -> pathlib.Path:
    """Where real bundles are: $MAGENTA_BUNDLES, else shared/bundles beside the checkout."""
    return pathlib.Path(os.environ.get("MAGENTA_BUNDLES") or REPOSITORY.parent / "shared/bundles")


def _described(path: pathlib.Path, name: str, share: int, origin: str) -> Bundle | None:
    """The bundle in a file; None if its family isn't among those compared."""
    bundle = sequence_generator_bundle.read_bundle_file(str(path))
    shape = input_shape(bundle)
    config = families.config_of(bundle.generator_details.id, shape[-1])
    return config and Bundle(name, config, path, share, origin, shape[0])


def input_shape(bundle: generator_pb2.GeneratorBundle) -> list[int]:
    """The shape of the graph's inputs: batch, steps (-1), input size."""
    metagraph = tf.MetaGraphDef.FromString(bundle.metagraph_file)
    tensor = metagraph.collection_def["inputs"].node_list.value[0]
    node = next(n for n in metagraph.graph_def.node if n.name == tensor.split(":")[0])
    shapes = node.attr["_output_shapes"].list.shape or [node.attr["shape"].shape]
    return [dimension.size for dimension in shapes[0].dim]


def real() -> list[Bundle]:
    """The real bundles of this machine; a stand-in without a path when there are none."""
    found = []
    for path in sorted(real_folder().glob("*.mag")):
        bundle = _described(path, f"real-{path.stem}", 0, "real")
        if bundle is not None:
            # A padded row costs Magenta a copied sequence and a draw at each step.
            found.append(dataclasses.replace(bundle, share=4 if bundle.batch_size < 32 else 1))
    return found or [Bundle("real-none", "none", None, 0, "real")]


def demo() -> list[Bundle]:
    """The demo bundle; a stand-in without a path when it hasn't been made."""
    found = [_described(pathlib.Path(path), f"demo-{pathlib.Path(path).stem}", 6, "demo")
             for path in sorted(glob.glob(str(REPOSITORY / "demo/models/*/*/*.mag")))]
    return [bundle for bundle in found if bundle] or [Bundle("demo-none", "none", None, 0, "demo")]


def made() -> list[Bundle]:
    """The bundles of all recipes; `path` is None until `located` makes them."""
    return [
        Bundle(recipe.name, recipe.config, None, recipe.share, "made",
               recipe.hparams.get("batch_size")
               or families.configs()[recipe.config].hparams.batch_size, recipe.normal, recipe.fixed)
        for recipe in recipes()]


def everything() -> list[Bundle]:
    """All bundles: made, real and the demo's."""
    return [*made(), *real(), *demo()]


def plays(config: str) -> bool:
    """Whether Magenta's generator plays bundles of a config without repair."""
    return not any(repair.always for repair in families.of_config(config).repairs(config))


def first_of(config: str) -> Bundle:
    """The first bundle made of a config: a small one with batch 1."""
    return next(bundle for bundle in made() if bundle.config == config)


def located(bundle: Bundle) -> Bundle:
    """The bundle with its path: a made one is made now if it isn't in the cache."""
    if bundle.origin != "made":
        return bundle
    recipe = next(recipe for recipe in recipes() if recipe.name == bundle.name)
    return dataclasses.replace(bundle, path=make(recipe))
