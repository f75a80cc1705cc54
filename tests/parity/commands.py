"""Magenta's `*_generate` commands, run in this process on a generator that is open already."""

import functools
import importlib
import os
import tempfile
import types
from typing import Any
from unittest import mock

import note_seq
from absl import flags as absl_flags

from .cases import Command


@functools.cache
def _defaults(module_name: str) -> tuple[Any, dict[str, Any]]:
    """A command's module and the defaults of its flags.

    The flags are taken out of absl's global table: two commands define flags of the same names,
    which absl refuses, though here each only runs with its own.
    """
    module = importlib.import_module(module_name)
    table = absl_flags.FLAGS
    by_module = table.flags_by_module_dict()
    defaults = {}
    for name in list(by_module):
        # A command's flags and those of the module with its config flags.
        if name.rsplit(".", 1)[0] == module_name.rsplit(".", 1)[0]:
            for flag in list(by_module[name]):
                defaults[flag.name] = flag.default
                delattr(table, flag.name)
    return module, defaults


class _Flags(types.SimpleNamespace):
    """Values of flags as absl's FLAGS has them: FLAGS.name, and FLAGS["name"].value."""

    def __getitem__(self, name: str) -> types.SimpleNamespace:
        return types.SimpleNamespace(value=getattr(self, name))


def run(module_name: str, generator: Any,
        command: Command) -> tuple[note_seq.NoteSequence, bytes] | None:
    """Runs a command for one output.

    Args:
        module_name: of the command.
        generator: what the command would make of its bundle.
        command: the flags.

    Returns:
        The sequence and the MIDI file of it; None when the command wrote none.
    """
    module, defaults = _defaults(module_name)
    written: list[note_seq.NoteSequence] = []
    write = note_seq.sequence_proto_to_midi_file

    def noted(sequence: note_seq.NoteSequence, path: str) -> None:
        written.append(sequence)
        write(sequence, path)

    with tempfile.TemporaryDirectory() as folder:
        values = {**defaults, "output_dir": os.path.join(folder, "out"), "num_outputs": 1,
                  **command.flags}
        if command.primer_midi:
            values["primer_midi"] = os.path.join(folder, "primer.mid")
            with open(values["primer_midi"], "wb") as file:
                file.write(command.primer_midi)
        with mock.patch.object(module, "FLAGS", _Flags(**values)), \
                mock.patch.object(note_seq, "sequence_proto_to_midi_file", noted):
            module.run_with_flags(generator)
        if not written:
            return None
        (name,) = os.listdir(values["output_dir"])
        with open(os.path.join(values["output_dir"], name), "rb") as file:
            return written[0], file.read()
