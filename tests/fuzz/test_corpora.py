"""The corpora of the fuzz targets in Python, replayed; those in C++ are replayed by Bazel."""

import runpy

import pytest

from ..servers import ROOT

FUZZ = ROOT / "fuzz"
INPUTS = sorted(path for path in FUZZ.glob("corpus/*/*")
                if (FUZZ / f"{path.parent.name}.py").exists())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_replay(path):
    target = runpy.run_path(str(FUZZ / f"{path.parent.name}.py"))
    target["test_one_input"](path.read_bytes())
