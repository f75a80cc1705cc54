"""Trains the demo's melody bundle with Magenta's own pipeline, graph and training loop.

    python demo/train.py

reads demo/melodies, makes SequenceExamples (magenta.models.melody_rnn), trains
(magenta.models.shared.events_rnn_train) with early stopping on the held-out tunes, and writes
demo/models/melody/1/lookback_rnn.mag and demo/training.json, in about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import collections
import copy
import json
import os
import pathlib
import platform
import random
import shutil
import tempfile
import time

# Magenta needs Keras 2, which TensorFlow looks for when it is imported.
os.environ.setdefault('TF_USE_LEGACY_KERAS', '1')
os.environ.setdefault('TF_NUM_INTEROP_THREADS', '1')
os.environ.setdefault('TF_NUM_INTRAOP_THREADS', '1')
os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '-1')

# pylint: disable=wrong-import-position
from magenta.contrib import training as contrib_training
from magenta.models.melody_rnn import melody_rnn_model
from magenta.models.melody_rnn import melody_rnn_pipeline
from magenta.models.melody_rnn import melody_rnn_sequence_generator
from magenta.models.shared import events_rnn_graph
from magenta.models.shared import events_rnn_train
from magenta.pipelines import pipeline
import numpy as np
import tensorflow.compat.v1 as tf
from tensorflow.python.framework import ops

import tunes

# tf_slim, which Magenta trains with, looks for this class where older TensorFlow had it.
ops.IndexedSlices = tf.IndexedSlices

DEMO_DIR = pathlib.Path(__file__).parent
CONFIG_ID = 'lookback_rnn'
SEED = 2024
EVAL_RATIO = 0.15
HPARAMS = dict(
    batch_size=16,
    rnn_layer_sizes=[96, 96],
    dropout_keep_prob=0.6,
    clip_norm=5,
    learning_rate=0.005)
DESCRIPTION = ('Demo of Magenta Serving: melody_rnn lookback_rnn with two layers of 96 units, '
               'trained on {tunes} public-domain tunes (folk, hymns, classical themes) for '
               '{steps} steps.')


def make_config(**overrides: object) -> melody_rnn_model.MelodyRnnConfig:
    """Magenta's configuration of the chosen model with this demo's hyperparameters."""
    config = copy.deepcopy(melody_rnn_model.default_configs[CONFIG_ID])
    values = dict(config.hparams.values())
    values.update(HPARAMS)
    values.update(overrides)
    config.hparams = contrib_training.HParams(**values)
    return config


def make_dataset(all_tunes: list[tunes.Tune], directory: str) -> dict[str, str]:
    """Writes SequenceExamples with Magenta's pipeline; returns mode -> TFRecord path."""
    random.seed(SEED)  # The pipeline's partition draws from Python's generator.
    dag = melody_rnn_pipeline.get_pipeline(make_config(), eval_ratio=EVAL_RATIO)
    pipeline.run_pipeline_serial(dag, (tune.sequence for tune in all_tunes), directory)
    return {mode: os.path.join(directory, f'{mode}_melodies.tfrecord')
            for mode in ('training', 'eval')}


def read_examples(path: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Reads (inputs [steps, input_size] float32, labels [steps] int64) of a TFRecord file."""
    examples = []
    for record in tf.python_io.tf_record_iterator(path):
        lists = tf.train.SequenceExample.FromString(record).feature_lists.feature_list
        examples.append((
            np.array([f.float_list.value for f in lists['inputs'].feature], np.float32),
            np.array([f.int64_list.value[0] for f in lists['labels'].feature], np.int64)))
    return examples


def evaluate(checkpoint: str, record_file: str,
             examples: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Magenta's evaluation metrics of a checkpoint, over each example exactly once.

    Dropout is off here, as it is when the model generates; Magenta's own evaluation command
    leaves it on. The examples are fed in place of the input queue, which would not promise to
    give each of them once.
    """
    with tf.Graph().as_default() as graph:
        config = make_config(batch_size=1, dropout_keep_prob=1.0)
        events_rnn_graph.get_build_graph_fn('eval', config, [record_file])()
        batch, = [op for op in graph.get_operations() if op.type.startswith('QueueDequeueMany')]
        updates = tf.get_collection('eval_ops')
        metrics = {name.removeprefix('metrics/'): tf.get_collection(name)[0] for name in (
            'loss', 'metrics/perplexity', 'metrics/accuracy', 'metrics/event_accuracy',
            'metrics/no_event_accuracy')}
        with tf.Session() as session:
            tf.train.Saver(tf.trainable_variables()).restore(session, checkpoint)
            session.run(tf.local_variables_initializer())
            for inputs, labels in examples:
                session.run(updates, dict(zip(
                    batch.outputs, (inputs[None], labels[None], [len(labels)]))))
            return {name: round(float(v), 4) for name, v in session.run(metrics).items()}


def train(record_files: dict[str, str], directory: str, chunk_steps: int, patience: int,
          max_steps: int) -> tuple[str, list[dict[str, float]]]:
    """Trains until the held-out loss has not improved for `patience` chunks.

    Returns:
        The prefix of the best checkpoint, and the metrics on the held-out tunes after each chunk.
    """
    held_out = read_examples(record_files['eval'])
    train_dir = os.path.join(directory, 'train')
    history: list[dict[str, float]] = []
    best_checkpoint = os.path.join(directory, 'best')
    started = time.monotonic()
    for step in range(chunk_steps, max_steps + 1, chunk_steps):
        build = events_rnn_graph.get_build_graph_fn(
            'train', make_config(), [record_files['training']])

        def seeded_build() -> None:
            tf.set_random_seed(SEED + step)
            build()

        # Each call goes on from the last checkpoint of train_dir.
        events_rnn_train.run_training(
            seeded_build, train_dir, num_training_steps=chunk_steps,
            summary_frequency=chunk_steps, save_checkpoint_secs=3600, checkpoints_to_keep=1)
        checkpoint = tf.train.latest_checkpoint(train_dir)
        metrics = evaluate(checkpoint, record_files['eval'], held_out)
        history.append({'step': step, **metrics})
        best = min(history, key=lambda m: m['loss'])
        if best['step'] == step:
            for suffix in ('.index', '.data-00000-of-00001'):
                shutil.copyfile(checkpoint + suffix, best_checkpoint + suffix)
        print(f'step {step:5d}  {time.monotonic() - started:5.0f} s  held-out loss '
              f'{metrics["loss"]:.4f}  accuracy {metrics["accuracy"]:.4f}  '
              f'(best: step {best["step"]})', flush=True)
        if step - best['step'] >= patience * chunk_steps:
            break
    return best_checkpoint, history


def write_bundle(checkpoint: str, path: pathlib.Path, description: str) -> None:
    """Writes a bundle of a checkpoint with Magenta's generator; its graph has batch size 1."""
    config = make_config(batch_size=1)
    generator = melody_rnn_sequence_generator.MelodyRnnSequenceGenerator(
        model=melody_rnn_model.MelodyRnnModel(config),
        details=config.details,
        steps_per_quarter=config.steps_per_quarter,
        checkpoint=checkpoint)
    path.parent.mkdir(parents=True, exist_ok=True)
    with generator:
        generator.create_bundle_file(str(path), description)


def main() -> None:
    parser = argparse.ArgumentParser(description='Trains the demo bundle.')
    parser.add_argument('--max_steps', type=int, default=1500)
    parser.add_argument('--chunk_steps', type=int, default=50,
                        help='steps between evaluations on the held-out tunes')
    parser.add_argument('--patience', type=int, default=6,
                        help='evaluations without improvement before training stops')
    parser.add_argument('--output', type=pathlib.Path,
                        default=DEMO_DIR / 'models' / 'melody' / '1' / f'{CONFIG_ID}.mag')
    parser.add_argument('--report', type=pathlib.Path, default=DEMO_DIR / 'training.json')
    args = parser.parse_args()

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    all_tunes = tunes.load_tunes()
    bars = sum(tune.bars for tune in all_tunes)
    print(f'{len(all_tunes)} tunes, {bars} bars', flush=True)

    with tempfile.TemporaryDirectory() as directory:
        record_files = make_dataset(all_tunes, directory)
        examples = {mode: read_examples(path) for mode, path in record_files.items()}
        counts = {mode: len(items) for mode, items in examples.items()}
        print(f'melodies: {counts}', flush=True)
        started = time.monotonic()
        checkpoint, history = train(
            record_files, directory, args.chunk_steps, args.patience, args.max_steps)
        seconds = time.monotonic() - started
        best = min(history, key=lambda m: m['loss'])
        report = {
            'config': CONFIG_ID,
            'hparams': HPARAMS,
            'seed': SEED,
            'tunes': len(all_tunes),
            'bars': bars,
            'meters': dict(collections.Counter(tune.meter for tune in all_tunes)),
            'melodies': counts,
            'steps': {mode: sum(len(labels) for _, labels in items)
                      for mode, items in examples.items()},
            'best_step': best['step'],
            'training_seconds': round(seconds),
            'machine': f'{platform.machine()}, one thread, TensorFlow {tf.__version__}',
            'training': evaluate(checkpoint, record_files['training'], examples['training']),
            'held_out': evaluate(checkpoint, record_files['eval'], examples['eval']),
            'history': history,
        }
        write_bundle(checkpoint, args.output,
                     DESCRIPTION.format(tunes=len(all_tunes), steps=best['step']))
    args.report.write_text(json.dumps(report, indent=1) + '\n', encoding='utf-8')
    print(f'training: {report["training"]}\nheld out: {report["held_out"]}')
    print(f'{args.output}: {args.output.stat().st_size} bytes')


if __name__ == '__main__':
    main()
