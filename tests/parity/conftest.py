"""Options, fixtures and the closing table of the parity suite."""

import os
import warnings

# Before TensorFlow is imported: Magenta's cells are those of Keras 2.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # What Magenta's dependencies say when they are imported.
    from . import bundles, families, table
    from .pipeline import Pipeline

from ..servers import ModelServer, ServerProcess

_TABLE = pytest.StashKey[table.Table]()
# Option -> (in a normal run, in the whole comparison, help).
_AMOUNTS = {
    "events": (5000, 100_000, "random events per encoding"),
    "chords": (500_000, 10_000_000, "chord symbols: of seven million that the grammar makes"),
    "midi_files": (200, 2000, "sequences written to MIDI and read back"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("parity")
    group.addoption("--whole", action="store_true",
                    help="the whole comparison: all bundles, and the larger of all amounts")
    group.addoption("--family", action="append", choices=[f.name for f in families.FAMILIES],
                    help="only this family and what belongs to none; may be repeated")
    group.addoption("--generations", type=int, metavar="N", help=(
        "successful seeded generations per config, shared by its bundles (default: "
        "{}; whole: {})".format(*(
            ", ".join(f"{f.name} {f.generations[whole]}" for f in families.FAMILIES)
            for whole in (0, 1)))))
    for name, (normal, whole, text) in _AMOUNTS.items():
        group.addoption(f"--{name.replace('_', '-')}", type=int, metavar="N",
                        help=f"{text} (default: {normal}; whole: {whole})")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_TABLE] = table.Table()
    for marker in ("bundles", "configs"):
        config.addinivalue_line("markers", f"{marker}(only): condition of the {marker} to test")
    for ignored in ("`tf.nn.rnn_cell.BasicLSTMCell`:UserWarning", "`layer.apply`:UserWarning",
                    "divide by zero:RuntimeWarning"):
        config.addinivalue_line("filterwarnings", f"ignore:.*{ignored}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Gives tests with an argument `bundle`, `family`, `config` or `expected` all of this run.

    A test's marker `bundles(only=condition)` restricts the bundles, `configs` the configs.
    """
    config = metafunc.config
    chosen = [family for family in families.FAMILIES
              if family.name in (_option(config, "family") or (family.name,))]
    names = [name for family in chosen for name in family.configs()]

    def meets(marker: str, value: object) -> bool:
        return all(mark.kwargs["only"](value) for mark in metafunc.definition.iter_markers(marker))

    if "bundle" in metafunc.fixturenames:
        metafunc.parametrize("bundle", [
            bundle for bundle in bundles.everything()
            if (bundle.config in names or bundle.config == "none")
            and (bundle.normal or _option(config, "whole")) and meets("bundles", bundle)],
            ids=lambda bundle: bundle.name)
    elif "expected" in metafunc.fixturenames:
        pairs = [(name, expected) for family in chosen for name in family.configs()
                 for expected in family.errors(name)]
        metafunc.parametrize(("config", "expected"), pairs,
                             ids=[f"{name}-{expected.name}" for name, expected in pairs])
    elif "family" in metafunc.fixturenames:
        metafunc.parametrize("family", chosen, ids=lambda family: family.name)
    elif "config" in metafunc.fixturenames:
        metafunc.parametrize("config", [name for name in names if meets("configs", name)])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the whole comparison all tests of a bundle follow each other, as not all fit in memory."""
    if not _option(config, "whole"):
        return
    chosen = [index for index, item in enumerate(items)
              if isinstance(item, pytest.Function) and "open_pipeline" in item.fixturenames]
    by_bundle = sorted((items[index] for index in chosen), key=_bundle_name)
    for index, item in zip(chosen, by_bundle):
        items[index] = item


def _bundle_name(item: pytest.Function) -> str:
    """The name of the bundle that a test opens; of a test of several, ""."""
    given = item.callspec.params
    bundle = given["bundle"] if "bundle" in given else (
        "config" in given and bundles.first_of(given["config"]))
    return bundle.name if bundle else ""


def _option(config: pytest.Config, name: str) -> Any:
    """An option; None when this file was loaded after the command line was read."""
    return config.getoption(name, default=None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter,
                            config: pytest.Config) -> None:
    counts = config.stash[_TABLE]
    if counts:
        terminalreporter.section("Parity with Magenta's Python")
        stages = dict.fromkeys(stage for family in families.FAMILIES for stage in family.stages)
        # The whole comes after its parts, whatever the order of the families.
        for last in ("decode", "end-to-end", "command", "native"):
            stages.pop(last, None)
            stages[last] = None
        for line in counts.lines(families.configs(), stages):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def amount(pytestconfig: pytest.Config) -> Callable[[str], int]:
    """How much this run compares: of "events" or "midi_files"."""
    def value(name: str) -> int:
        given = _option(pytestconfig, name)
        return _AMOUNTS[name][bool(_option(pytestconfig, "whole"))] if given is None else given

    return value


@pytest.fixture(scope="session")
def generations(pytestconfig: pytest.Config) -> Callable[[str], int]:
    """How many generations of a config this run compares."""
    def value(config: str) -> int:
        given = _option(pytestconfig, "generations")
        whole = bool(_option(pytestconfig, "whole"))
        return families.of_config(config).generations[whole] if given is None else given

    return value


@pytest.fixture(scope="session")
def portion(pytestconfig: pytest.Config,
            generations: Callable[[str], int]) -> Callable[[bundles.Bundle], int]:
    """A bundle's part of the generations of its config, among the bundles that this run has."""
    whole = bool(_option(pytestconfig, "whole"))

    def value(bundle: bundles.Bundle) -> int:
        total = sum(other.share for other in bundles.everything()
                    if other.config == bundle.config and (other.normal or whole))
        return math.ceil(generations(bundle.config) * bundle.share / total)

    return value


@pytest.fixture(scope="session")
def counts(pytestconfig: pytest.Config) -> table.Table:
    """The table of this run."""
    return pytestconfig.stash[_TABLE]


@pytest.fixture(scope="session")
def open_pipeline(
    pytestconfig: pytest.Config, counts: table.Table, server_class: type[ServerProcess]
) -> Iterator[Callable[[bundles.Bundle], Pipeline]]:
    """Opens the pipeline of a bundle once per run; a bundle that isn't here skips the test.

    The whole comparison has too many to keep them open: there, the one before is closed.
    """
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
            while pipelines and _option(pytestconfig, "whole"):
                pipelines.popitem()[1].close()
            pipelines[bundle.name] = Pipeline(
                bundle, counts, by_server=server_class is ModelServer)
        return pipelines[bundle.name]

    yield opened
    for pipeline in pipelines.values():
        pipeline.close()
