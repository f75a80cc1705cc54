"""Options, fixtures and the closing table of the parity suite."""

import os
import warnings

# Before TensorFlow is imported: Magenta's cells are those of Keras 2.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from collections.abc import Callable, Iterator

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # What Magenta's dependencies say when they are imported.
    from . import bundles, families, table
    from .pipeline import Pipeline

_TABLE = pytest.StashKey[table.Table]()
# Option -> (default, what the whole comparison takes, help).
_OPTIONS = {
    "generations": (100, 1000, "successful seeded generations per config, shared by its bundles"),
    "events": (5000, 100_000, "random events per encoding"),
    "midi_files": (200, 2000, "sequences written to MIDI and read back"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("parity")
    for name, (default, whole, text) in _OPTIONS.items():
        group.addoption(f"--{name.replace('_', '-')}", type=int, default=default, metavar="N",
                        help=f"{text} (default {default}; the whole comparison: {whole})")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = table.Table()
    for ignored in ("`tf.nn.rnn_cell.BasicLSTMCell`:UserWarning", "`layer.apply`:UserWarning",
                    "divide by zero:RuntimeWarning"):
        config.addinivalue_line("filterwarnings", f"ignore:.*{ignored}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    counts = config.stash[_TABLE]
    if counts:
        terminalreporter.section("Parity with Magenta's Python")
        stages = dict.fromkeys(stage for family in families.FAMILIES for stage in family.stages)
        for line in counts.lines(families.configs(), stages):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def amount(pytestconfig: pytest.Config) -> Callable[[str], int]:
    """The value of one of the options above."""
    # The default counts when this file is loaded after the command line was read.
    return lambda name: pytestconfig.getoption(name, default=_OPTIONS[name][0])


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> table.Table:
    """The table of this run."""
    return pytestconfig.stash[_TABLE]


@pytest.fixture(scope="session")
def open_pipeline(counts: table.Table) -> Iterator[Callable[[bundles.Bundle], Pipeline]]:
    """Opens the pipeline of a bundle once per run; a bundle that isn't here skips the test."""
    pipelines: dict[str, Pipeline] = {}

    def opened(bundle: bundles.Bundle) -> Pipeline:
        bundle = bundles.located(bundle)
        if bundle.path is None:
            where = bundles.real_folder() if bundle.origin == "real" else "demo/models"
            note = f"No {bundle.origin} bundles compared: none of these families in {where}."
            if note not in counts.notes:
                counts.notes.append(note)
            pytest.skip(note)
        if bundle.name not in pipelines:
            pipelines[bundle.name] = Pipeline(bundle, counts)
        return pipelines[bundle.name]

    yield opened
    for pipeline in pipelines.values():
        pipeline.close()
