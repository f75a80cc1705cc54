"""What the clients give."""

import dataclasses

import numpy as np

from magenta_serving.protos import NoteSequence


@dataclasses.dataclass(frozen=True)
class Generation:
    """One generated output.

    Attributes:
        sequence: the notes, equal to what Magenta's own generator returns.
        midi: the same as a Standard MIDI File.
        log_likelihood: of the generated events under the model.
        seed: generates this output again, alone: `num_outputs=1, seed=seed`.
    """

    sequence: NoteSequence
    midi: bytes
    log_likelihood: float
    seed: int


@dataclasses.dataclass(frozen=True)
class Score:
    """How likely a model finds a sequence.

    Attributes:
        log_likelihood: of the whole sequence.
        event_log_likelihoods: float32 [n], of each event that the model predicted.
    """

    log_likelihood: float
    event_log_likelihoods: np.ndarray


@dataclasses.dataclass(frozen=True)
class VersionStatus:
    """The state of one version of a model.

    Attributes:
        version: the number of its directory.
        state: START, LOADING, AVAILABLE, UNLOADING or END.
        error_code: "OK", or the canonical name of what made it fail, as INVALID_ARGUMENT.
        error_message: empty if nothing failed.
    """

    version: int
    state: str
    error_code: str
    error_message: str
