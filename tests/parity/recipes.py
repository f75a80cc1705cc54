"""Recipes of bundles: what Magenta's code makes them of."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import tensorflow.compat.v1 as tf

# Raise when `bundles.make` gives other weights for the same recipe.
_VERSION = 1


@dataclasses.dataclass(frozen=True)
class Recipe:
    """What makes a bundle.

    Attributes:
        config: name of the Magenta config.
        variant: short name of this variant of the config.
        hparams: hyperparameters that replace those of the config.
        gain: scale of the recurrent weights, relative to 1/sqrt(fan in).
        sharpness: scale of the output weights, likewise.
        biases: class index -> bias of its logit; None takes those of the family.
        v2_control_flow: builds the graph with functional loops and resource variables, which
            happens when Magenta is used as a library without `disable_v2_behavior`.
        cudnn: builds the graph as Magenta 1.x did with `use_cudnn`; see `cudnn`.
        share: part of a config's generations that this bundle gets, relative to the others.
        seed: of the weights.
        normal: whether a normal run compares it; else only the whole comparison does.
        fixed: whether it gets the cases by hand.
    """

    config: str
    variant: str
    hparams: Mapping[str, Any]
    gain: float = 2.0
    sharpness: float = 4.0
    biases: Mapping[int, float] | None = None
    v2_control_flow: bool = False
    cudnn: bool = False
    share: int = 4
    seed: int = 0
    normal: bool = False
    fixed: bool = False

    @property
    def name(self) -> str:
        return f"{self.config}-{self.variant}"

    def key(self) -> str:
        """A digest of everything that decides the bytes of the bundle."""
        recipe = dataclasses.asdict(self) | {"version": _VERSION, "tensorflow": tf.__version__}
        for irrelevant in ("share", "normal", "fixed"):
            del recipe[irrelevant]
        if not self.cudnn:
            del recipe["cudnn"]
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


def standard(config: str, own_attention: int = 0, full_size: Mapping[str, Any] | None = None,
             full_share: int = 1, **hparams: Any) -> list[Recipe]:
    """Small bundles of all kinds and one of full size.

    Args:
        config: name of the Magenta config.
        own_attention: attention length of the config.
        full_size: replaces hyperparameters of the bundle of full size; None: none.
        full_share: `Recipe.share` of that bundle.
        **hparams: go to all small bundles.
    """
    small = {"attn_length": own_attention and 12, **hparams}
    made = [
        Recipe(config, "b1", {**small, "batch_size": 1, "rnn_layer_sizes": [32, 32]},
               share=12, normal=True, fixed=True),
        Recipe(config, "one-layer", {**small, "batch_size": 1, "rnn_layer_sizes": [20]},
               gain=3.0, share=8, seed=1),
        Recipe(config, "three-layers-b4",
               {**small, "batch_size": 4, "rnn_layer_sizes": [32, 17, 24]},
               share=6, seed=2, normal=True, fixed=True),
        Recipe(config, "attn0" if own_attention else "attn40",
               {**small, "batch_size": 1, "rnn_layer_sizes": [24, 16],
                "attn_length": 0 if own_attention else 40}, share=4, seed=3),
        Recipe(config, "residual",
               {**small, "batch_size": 1, "rnn_layer_sizes": [24, 24, 16],
                "residual_connections": True}, gain=1.0, sharpness=1.5, share=4, seed=4),
        Recipe(config, "uniform", {**small, "batch_size": 1, "rnn_layer_sizes": [8]},
               gain=0.3, sharpness=0.3, biases={}, share=3, seed=5),
        Recipe(config, "b64", {**small, "batch_size": 64, "rnn_layer_sizes": [16, 16]},
               share=2, seed=6),
        Recipe(config, "full", dict(full_size or {}), share=full_share, seed=7),
        Recipe(config, "functional-loop",
               {**small, "batch_size": 1, "rnn_layer_sizes": [16, 12]},
               v2_control_flow=True, share=2, seed=8),
    ]
    if own_attention:
        made.append(Recipe(config, "attn40-b1",
                           {**hparams, "batch_size": 1, "rnn_layer_sizes": [16, 16],
                            "attn_length": 40}, share=3, seed=9))
    return made


def cudnn(config: str) -> list[Recipe]:
    """Small bundles as Magenta 1.x made them with `use_cudnn`: layers in one loop, and in several."""
    return [
        Recipe(config, "cudnn", {"batch_size": 1, "rnn_layer_sizes": [24, 24]}, cudnn=True,
               share=4, seed=11, normal=True),
        Recipe(config, "cudnn-sizes-b4", {"batch_size": 4, "rnn_layer_sizes": [24, 16]},
               cudnn=True, share=3, seed=12, normal=True),
        Recipe(config, "cudnn-residual",
               {"batch_size": 1, "rnn_layer_sizes": [24, 24, 16], "residual_connections": True},
               cudnn=True, gain=1.0, sharpness=1.5, share=3, seed=13, normal=True)]
