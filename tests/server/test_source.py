"""Versions in the file system."""

import os

import pytest
from google.protobuf import text_format

from magenta_serving import protos
from magenta_serving.errors import InvalidArgumentError
from magenta_serving.server import source


@pytest.mark.parametrize(("policy", "versions"), [
    ("", [10]),
    ("latest {}", [10]),
    ("latest { num_versions: 2 }", [9, 10]),
    ("latest { num_versions: 9 }", [1, 9, 10]),
    ("all {}", [1, 9, 10]),
    ("specific { versions: 1 versions: 7 }", [1]),
    ("specific {}", []),
])
def test_select_versions(policy, versions):
    parsed = text_format.Parse(policy, protos.ServableVersionPolicy())
    found = {1: "one", 9: "nine", 10: "ten"}
    assert source.select_versions(found, parsed) == {v: found[v] for v in versions}


def test_aspired_versions(tmp_path):
    for name in ("1", "12", "x", "-1"):
        (tmp_path / name).mkdir()
    model = protos.ModelConfig(name="m", base_path=str(tmp_path))
    assert source.aspired_versions(model) == {12: str(tmp_path / "12")}


def test_no_base_path(tmp_path):
    model = protos.ModelConfig(name="m", base_path=str(tmp_path / "gone"))
    with pytest.raises(InvalidArgumentError, match="Could not find base path .*gone"):
        source.aspired_versions(model)


def test_fingerprint_tells_changes(tmp_path):
    assert source.fingerprint(str(tmp_path / "gone")) == ()
    prints = [source.fingerprint(str(tmp_path))]
    file = tmp_path / "a.mag"
    for content in (b"1", b"12"):
        file.write_bytes(content)
        prints.append(source.fingerprint(str(tmp_path)))
    os.utime(file, ns=(1, 1))
    prints.append(source.fingerprint(str(tmp_path)))
    assert len(set(prints)) == 4
    assert source.fingerprint(str(tmp_path)) == prints[-1]
