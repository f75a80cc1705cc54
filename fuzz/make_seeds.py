"""Writes the seeds of the corpora: small inputs that reach far into each target.

Usage: TF_USE_LEGACY_KERAS=1 .venv/bin/python -m fuzz.make_seeds
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import note_seq
import tensorflow as tf
from note_seq.protobuf import generator_pb2, music_pb2

from tests.parity import bundles
from tests.parity.recipes import Recipe

_FUZZ = Path(__file__).parent


def _write(target: str, seeds: dict[str, bytes]) -> None:
    folder = _FUZZ / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (folder / f"seed_{name}").write_bytes(data)


def _texts(texts: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}


def _sequence(pitches: Iterable[int] = (), *, is_drum: bool = False,
              chords: Iterable[str] = ()) -> music_pb2.NoteSequence:
    """A note on each eighth at 120 quarters per minute, and a chord on each half."""
    sequence = music_pb2.NoteSequence(ticks_per_quarter=220)
    sequence.tempos.add(qpm=120)
    sequence.time_signatures.add(numerator=4, denominator=4)
    for i, pitch in enumerate(pitches):
        sequence.notes.add(pitch=pitch, velocity=80, start_time=i / 4, end_time=(i + 1) / 4,
                           is_drum=is_drum, instrument=9 if is_drum else 0)
        sequence.total_time = (i + 1) / 4
    for i, chord in enumerate(chords):
        sequence.text_annotations.add(
            time=i, text=chord,
            annotation_type=music_pb2.NoteSequence.TextAnnotation.CHORD_SYMBOL)
    return sequence


def _sequences() -> dict[str, music_pb2.NoteSequence]:
    bends = _sequence([60, 64])
    bends.control_changes.add(time=0.25, control_number=64, control_value=127)
    bends.pitch_bends.add(time=0.25, bend=-8192)
    waltz = _sequence([67, 69])
    waltz.time_signatures[0].numerator = 3
    chord = _sequence([60, 64, 67])
    for note in chord.notes:
        note.start_time = 0
    return {
        "bends": bends,
        "chord": chord,
        "chords_and_melody": _sequence([60, 62, 64, 65], chords=["C", "Am7"]),
        "drums": _sequence([36, 42, 38], is_drum=True),
        "empty": music_pb2.NoteSequence(),
        "melody": _sequence([60, 62, 64]),
        "waltz": waltz,
    }


def _options() -> dict[str, generator_pb2.GeneratorOptions]:
    def section(start: float, end: float) -> generator_pb2.GeneratorOptions:
        options = generator_pb2.GeneratorOptions()
        options.generate_sections.add(start_time=start, end_time=end)
        return options

    beams = section(0.5, 2)
    beams.args["temperature"].float_value = 0.5
    for name, value in (("beam_size", 2), ("branch_factor", 2), ("steps_per_iteration", 3)):
        beams.args[name].int_value = value
    conditioned = section(0.25, 1)
    conditioned.args["fill_generate_section"].bool_value = True
    conditioned.args["note_density"].string_value = "[1, 2.5]"
    conditioned.args["pitch_class_histogram"].string_value = "[1,0,1,0,1,1,0,1,0,1,0,1]"
    conditioned.args["condition_on_primer"].bool_value = True
    conditioned.args["inject_primer_during_generation"].bool_value = True
    two = section(0.5, 1)
    two.generate_sections.add(start_time=1, end_time=2)
    two.input_sections.add(start_time=0, end_time=0.5)
    return {"beams": beams, "conditioned": conditioned, "section": section(0.5, 2), "two": two}


_COLLECTIONS = ("inputs", "temperature", "softmax", "sample", "log_prob", "initial_state",
                "final_state")


def _stripped(metagraph: tf.compat.v1.MetaGraphDef,
              others: Iterable[str] = ()) -> tf.compat.v1.MetaGraphDef:
    """A graph without training, names of devices and inferred shapes; `others` stay in it, too."""
    collections = [key for key in _COLLECTIONS if key in metagraph.collection_def]
    tensors = [name for key in collections
               for name in metagraph.collection_def[key].node_list.value]
    graph = tf.compat.v1.graph_util.extract_sub_graph(
        metagraph.graph_def, [name.split(":")[0] for name in (*tensors, *others)])
    for node in graph.node:
        node.device = ""
        for attribute in ("_class", "_output_shapes"):
            node.attr.pop(attribute, None)
    small = tf.compat.v1.MetaGraphDef(graph_def=graph)
    for key in collections:
        small.collection_def[key].CopyFrom(metagraph.collection_def[key])
    return small


def _bundle(config: str, *, v2_control_flow: bool = False,
            **hparams: Any) -> generator_pb2.GeneratorBundle:
    """A bundle of a network with two cells in each layer."""
    recipe = Recipe(config, "tiny", {"batch_size": 1, "rnn_layer_sizes": [2], **hparams},
                    v2_control_flow=v2_control_flow)
    bundle = generator_pb2.GeneratorBundle.FromString(bundles.make(recipe).read_bytes())
    metagraph = tf.compat.v1.MetaGraphDef.FromString(bundle.metagraph_file)
    saver = metagraph.saver_def
    stripped = _stripped(metagraph, (saver.restore_op_name,
                                     saver.filename_tensor_name.split(":")[0]))
    stripped.saver_def.CopyFrom(saver)
    bundle.metagraph_file = stripped.SerializeToString(deterministic=True)
    return bundle


def _tensor_protos() -> dict[str, bytes]:
    protos = {
        "content": tf.make_tensor_proto([[1, 2], [3, 4]], tf.int64),
        "repeated": tf.make_tensor_proto(7, shape=[2, 3]),
        "scalar": tf.make_tensor_proto(0.5),
        "strings": tf.make_tensor_proto([b"MThd", b""]),
    }
    return {name: proto.SerializeToString(deterministic=True) for name, proto in protos.items()}


def _requests() -> dict[str, bytes]:
    """See predict.cc for how a request is written."""
    melody = _sequences()["melody"]
    requests = {
        "beams": ("generate", {"beam_size": 2, "branch_factor": 2, "steps_per_iteration": 2}),
        "defaults": ("", {}),
        "melody": ("generate", {"primer_melody": b"[60, -2, 62]", "num_steps": 16}),
        "midi": ("generate", {"primer_midi_bytes": _midi(melody), "qpm": 90.0}),
        "rows": ("generate", {"seed": tf.constant([1, 2], tf.int64), "num_outputs": 2}),
        "score": ("score", {"melody": b"[60, 62, 64]"}),
        "sequence": ("generate_sequence", {
            "input_sequence_bytes": melody.SerializeToString(),
            "generator_options_bytes": _options()["section"].SerializeToString()}),
    }
    seeds = {}
    for name, (signature, inputs) in requests.items():
        request = tf.compat.v1.saved_model.signature_def_utils.build_signature_def(
            method_name=signature)
        for key, value in inputs.items():
            request.defaults[key].CopyFrom(tf.make_tensor_proto(value))
        request.outputs["seed" if signature == "generate" else "log_likelihood"].name = "wanted"
        seeds[name] = request.SerializeToString(deterministic=True)
    return seeds


def _midi(sequence: music_pb2.NoteSequence) -> bytes:
    import io
    file = io.BytesIO()
    note_seq.sequence_proto_to_pretty_midi(sequence).write(file)
    return file.getvalue()


_BODIES = {
    "columns": '{"inputs": {"primer_melody": "[60]", "num_steps": [64, 32], "qpm": 1e2}}',
    "empty": '{"inputs": {}}',
    "rows": '{"instances": [{"seed": 1}, {"temperature": 0.1, "num_steps": 4}]}',
    "signature": '{"signature_name": "score", "inputs": {"midi_bytes": {"b64": "TVRoZA=="}}}',
}


def main() -> None:
    bundles = {
        "attention": _bundle("attention_rnn", attn_length=2),
        "drums": _bundle("one_drum"),
        "functional": _bundle("one_drum", v2_control_flow=True),
        "lookback": _bundle("lookback_rnn", rnn_layer_sizes=[2, 2]),
        "nade": _bundle("rnn-nade", nade_hidden_units=2),
    }
    _write("bundle", {name: bundle.SerializeToString(deterministic=True)
                      for name, bundle in bundles.items()})
    _write("checkpoint", {"drums": bundles["drums"].checkpoint_file[0]})
    _write("chord_symbol", _texts({
        "bass": "Ebm7b5/A", "modified": "C#maj9(#11)no3add13", "no_chord": "N.C.",
        "suspended": "Gsus7", "triad": "Bbb"}))
    _write("generator_options",
           {name: options.SerializeToString(deterministic=True)
            for name, options in _options().items()})
    _write("graph", {"lookback": bundles["lookback"].metagraph_file})
    _write("json_defaults", _texts(_BODIES))
    _write("midi", {name: _midi(sequence) for name, sequence in _sequences().items()})
    _write("note_sequence", {name: sequence.SerializeToString(deterministic=True)
                             for name, sequence in _sequences().items()})
    _write("predict", _requests())
    _write("python_literal", _texts({
        "drums": "[(36, 42), (), (42,)]", "melody": "[60, -2, 62, -1]",
        "numbers": "(0x1F, 1_0, 0b1, -1.5e-3, 2j, None, True, ...)",
        "strings": "['a' \"b\", r'\\n', b'', '''c''']", "dict": "{1: {2, 3}, 'a': []}"}))
    _write("rest_json", _texts(_BODIES))
    _write("tensor_proto", _tensor_protos())


if __name__ == "__main__":
    main()
