"""Bundles for the comparison: made with Magenta's own code, real ones, and the demo's.

Made bundles have seeded weights instead of trained ones. Plain initial weights would give nearly
uniform distributions, which hide errors; so the weights are drawn with a larger gain and the
classes that sustain or repeat an event get a bias, and melodies with long notes, rests and
repeats come out. They are cached under the user's cache folder, one file per recipe and per
version of what makes them.
"""

import copy
import dataclasses
import glob
import hashlib
import json
import os
import pathlib
import tempfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow.compat.v1 as tf
from magenta.contrib import training as contrib_training
from magenta.models.shared import events_rnn_graph, sequence_generator_bundle

from . import families

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# Raise when `_write_checkpoint` gives other weights for the same recipe.
_RECIPE_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What makes a bundle.

    Attributes:
        config: id of the Magenta config.
        variant: short name of this variant of the config.
        hparams: hyperparameters that replace those of the config.
        gain: scale of the recurrent weights, relative to 1/sqrt(fan in).
        sharpness: scale of the output weights, likewise.
        biases: class index -> bias of its logit; None takes those of the family.
        v2_control_flow: builds the graph with functional loops and resource variables, which
            happens when Magenta is used as a library without `disable_v2_behavior`.
        share: part of a config's generations that this bundle gets, relative to the others.
        seed: of the weights.
    """

    config: str
    variant: str
    hparams: Mapping[str, Any]
    gain: float = 2.0
    sharpness: float = 4.0
    biases: Mapping[int, float] | None = None
    v2_control_flow: bool = False
    share: int = 4
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.config}-{self.variant}"

    def key(self) -> str:
        """A digest of everything that decides the bytes of the bundle."""
        recipe = dataclasses.asdict(self) | {
            "share": 0, "version": _RECIPE_VERSION, "tensorflow": tf.__version__}
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class Bundle:
    """A bundle to compare.

    Attributes:
        name: of the bundle in test ids and reports.
        config: id of its Magenta config.
        path: of the .mag file; None when it is not on this machine.
        share: as in `Recipe`.
        origin: "made", "real" or "demo".
        batch_size: of the graph.
    """

    name: str
    config: str
    path: pathlib.Path | None
    share: int
    origin: str
    batch_size: int = 0


def recipes() -> list[Recipe]:
    """All recipes, in the order of the table: those that every config gets, then its own."""
    made = []
    for config in families.configs():
        own_attention = families.configs()[config].hparams.attn_length
        attention = {"attn_length": own_attention and 12}
        made += [
            Recipe(config, "b1", {"batch_size": 1, "rnn_layer_sizes": [32, 32], **attention},
                   share=12),
            Recipe(config, "one-layer", {"batch_size": 1, "rnn_layer_sizes": [20], **attention},
                   gain=3.0, share=8, seed=1),
            Recipe(config, "three-layers-b4",
                   {"batch_size": 4, "rnn_layer_sizes": [32, 17, 24], **attention},
                   share=6, seed=2),
            Recipe(config, "attn0" if own_attention else "attn40",
                   {"batch_size": 1, "rnn_layer_sizes": [24, 16],
                    "attn_length": 0 if own_attention else 40}, share=4, seed=3),
            Recipe(config, "residual",
                   {"batch_size": 1, "rnn_layer_sizes": [24, 24, 16],
                    "residual_connections": True, **attention},
                   gain=1.0, sharpness=1.5, share=4, seed=4),
            Recipe(config, "uniform", {"batch_size": 1, "rnn_layer_sizes": [8], **attention},
                   gain=0.3, sharpness=0.3, biases={}, share=3, seed=5),
            Recipe(config, "b64", {"batch_size": 64, "rnn_layer_sizes": [16, 16], **attention},
                   share=2, seed=6),
            Recipe(config, "default-b128", {}, share=1, seed=7),
            Recipe(config, "functional-loop",
                   {"batch_size": 1, "rnn_layer_sizes": [16, 12], **attention},
                   v2_control_flow=True, share=2, seed=8),
        ]
        if own_attention:
            made.append(Recipe(config, "attn40-b1",
                               {"batch_size": 1, "rnn_layer_sizes": [16, 16]}, share=3, seed=9))
    return made


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
    config = copy.deepcopy(families.configs()[recipe.config])
    config.hparams = contrib_training.HParams(**(config.hparams.values() | dict(recipe.hparams)))
    biases = recipe.biases
    if biases is None:
        biases = families.of_config(recipe.config).sustaining_classes(config)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = os.path.join(folder, "model.ckpt")
        if recipe.v2_control_flow:
            tf.enable_control_flow_v2()
            tf.enable_resource_variables()
        try:
            _write_checkpoint(config, recipe, biases, checkpoint)
            generator = families.of_config(recipe.config).generator(config, checkpoint=checkpoint)
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


def _write_checkpoint(config: Any, recipe: Recipe, biases: Mapping[int, float], path: str) -> None:
    """Writes a checkpoint of the config's graph with seeded weights."""
    with tf.Graph().as_default(), tf.Session() as session:
        events_rnn_graph.get_build_graph_fn("generate", config)()
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():
            # Seeded by name, so that no weight depends on the order of the variables.
            random = np.random.RandomState(zlib.crc32(variable.op.name.encode()) ^ recipe.seed)
            shape = variable.shape.as_list()
            is_output = variable.op.name.startswith("fully_connected/")
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
    config = bundle.generator_details.id
    if config not in families.configs():
        return None
    metagraph = tf.MetaGraphDef.FromString(bundle.metagraph_file)
    tensor = metagraph.collection_def["inputs"].node_list.value[0]
    node = next(n for n in metagraph.graph_def.node if n.name == tensor.split(":")[0])
    shapes = node.attr["_output_shapes"].list.shape or [node.attr["shape"].shape]
    return Bundle(name, config, path, share, origin, shapes[0].dim[0].size)


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
             for path in sorted(glob.glob(str(REPOSITORY / "demo/models/melody/*/*.mag")))]
    return [bundle for bundle in found if bundle] or [Bundle("demo-none", "none", None, 0, "demo")]


def made() -> list[Bundle]:
    """The bundles of all recipes; `path` is None until `located` makes them."""
    return [
        Bundle(recipe.name, recipe.config, None, recipe.share, "made",
               recipe.hparams.get("batch_size")
               or families.configs()[recipe.config].hparams.batch_size)
        for recipe in recipes()]


def located(bundle: Bundle) -> Bundle:
    """The bundle with its path: a made one is made now if it isn't in the cache."""
    if bundle.origin != "made":
        return bundle
    recipe = next(recipe for recipe in recipes() if recipe.name == bundle.name)
    return dataclasses.replace(bundle, path=make(recipe))
