"""Official bundles from an HTTP server: cut connections, wrong content, full file systems."""

import fcntl
import hashlib
import json
import os
import pathlib
import pty
import random
import resource
import subprocess

import pytest

from magenta_serving.bundles import catalog
from magenta_serving.bundles.catalog import Bundle
from magenta_serving.bundles.download import DownloadError, download

from ..commands import program
from .bundle_server import BundleServer

CONTENT = random.Random(1).randbytes(700_000)


@pytest.fixture
def server():
    server = BundleServer(CONTENT)
    yield server
    server.close()


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def bundle_of(content: bytes, name: str = "tiny") -> Bundle:
    git_blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    return Bundle(name, "melody_rnn", "basic_rnn", "", git_blob)


TINY = bundle_of(CONTENT)


def fetch(server, models, bundle=TINY, version=1, heard=None) -> pathlib.Path:
    return download(bundle, models, version, server.address,
                    lambda *progress: heard is not None and heard.append(progress))


def files(folder: pathlib.Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_bundle_comes_into_its_version_directory(server, models):
    heard = []
    path = fetch(server, models, version=3, heard=heard)
    assert path == models / "tiny" / "3" / "tiny.mag"
    assert path.read_bytes() == CONTENT
    assert files(models) == ["tiny/3/tiny.mag"]
    assert heard[0] == (0, len(CONTENT)) and heard[-1] == (len(CONTENT), len(CONTENT))


def test_what_is_there_is_not_fetched_again(server, models):
    assert fetch(server, models) == fetch(server, models)
    assert len(server.requests) == 1


def test_a_cut_connection_is_gone_on_with(server, models):
    server.cuts = [200_000, 300_000]
    assert fetch(server, models).read_bytes() == CONTENT
    assert server.requests[0] is None and len(server.requests) == 3
    # What came before the cut is not fetched again, up to the piece that was being read.
    starts = [int(wanted[len("bytes="):-1]) for wanted in server.requests[1:]]
    assert 0 < 200_000 - starts[0] < 1 << 16 or starts[0] == 200_000
    assert starts[0] < starts[1] < len(CONTENT)


def test_the_next_run_goes_on_where_the_last_one_ended(server, models):
    server.cuts = [150_000, 1, 1, 1, 1]
    with pytest.raises(DownloadError, match="kept for the next time"):
        fetch(server, models)
    assert files(models) == [".tiny.download/tiny.mag"]
    kept = (models / ".tiny.download/tiny.mag").stat().st_size
    assert 0 < kept <= 150_004
    server.requests.clear()
    heard = []
    assert fetch(server, models, heard=heard).read_bytes() == CONTENT
    assert server.requests == [f"bytes={kept}-"]
    assert heard[0] == (kept, len(CONTENT))
    assert files(models) == ["tiny/1/tiny.mag"]


def test_all_was_fetched_but_not_put_in_place(server, models):
    (models / ".tiny.download").mkdir(parents=True)
    (models / ".tiny.download" / "tiny.mag").write_bytes(CONTENT)
    assert fetch(server, models).read_bytes() == CONTENT
    assert server.requests == [f"bytes={len(CONTENT)}-"]


def test_a_server_without_ranges_gives_all_again(server, models):
    server.ranges, server.cuts = False, [200_000]
    assert fetch(server, models).read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_what_was_kept_is_of_another_file(server, models):
    (models / ".tiny.download").mkdir(parents=True)
    (models / ".tiny.download" / "tiny.mag").write_bytes(b"something else" * 1000)
    assert fetch(server, models).read_bytes() == CONTENT
    assert server.requests == ["bytes=14000-", None]


def test_wrong_content_is_refused(server, models):
    server.content = CONTENT[:-1] + b"!"
    with pytest.raises(DownloadError, match=f"is another file.*not {TINY.git_blob}"):
        fetch(server, models)
    assert files(models) == []


def test_a_server_that_is_unwell_for_a_moment(server, models):
    server.statuses = [503, 500]
    assert fetch(server, models).read_bytes() == CONTENT


def test_no_such_file(server, models):
    server.statuses = [404] * 9
    with pytest.raises(DownloadError, match=r"tiny\.mag: the server answers 404"):
        fetch(server, models)
    assert len(server.requests) == 1


def test_no_server(server, models):
    server.close()
    with pytest.raises(DownloadError, match="refused"):
        fetch(server, models)


def test_a_version_directory_with_something_else_is_left_alone(server, models):
    other = models / "tiny" / "1" / "mine.mag"
    other.parent.mkdir(parents=True)
    other.write_bytes(b"mine")
    with pytest.raises(DownloadError, match="tiny/1 is there already"):
        fetch(server, models)
    assert files(models) == ["tiny/1/mine.mag"] and not server.requests
    assert fetch(server, models, version=2).read_bytes() == CONTENT


def test_one_download_at_a_time(server, models):
    (models / ".tiny.download").mkdir(parents=True)
    with open(models / ".tiny.download" / "tiny.mag", "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DownloadError, match="by another process"):
            fetch(server, models)


def test_a_full_file_system(server, models):
    models.mkdir()
    # Below a mount of its own, which needs a right that not every machine gives.
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(models)], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"mounting a small file system needs CAP_SYS_ADMIN: {mounted.stderr.decode()}")
    try:
        with pytest.raises(DownloadError, match="No space left"):
            fetch(server, models)
        assert not (models / "tiny").exists()
        subprocess.run(["mount", "-o", "remount,size=2m", str(models)], check=True)
        assert fetch(server, models).read_bytes() == CONTENT
        # With room made, it went on.
        assert server.requests[0] is None and server.requests[1].startswith("bytes=")
    finally:
        subprocess.run(["umount", str(models)], check=True)


def test_a_file_that_may_not_grow(server, tmp_path):
    result = subprocess.run(
        [*program(), "download", "basic_rnn", "--home", server.address], cwd=tmp_path, text=True,
        capture_output=True, timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    assert result.returncode == 1
    assert result.stderr == "magenta-serving: models: File too large\n"
    assert not (tmp_path / "models" / "basic_rnn").exists()


def test_command_refuses_wrong_content(server, fails, tmp_path):
    line = fails(1, "download", "basic_rnn", "--home", server.address)
    assert "another file than the official basic_rnn" in line and TINY.git_blob in line
    assert files(tmp_path) == []


def test_command_with_an_unknown_name(fails):
    line = fails(2, "download", "basic")
    assert "no official bundle is called basic" in line and "basic_rnn" in line


def test_command_and_list(server, run_cli, shared_bundles, tmp_path):
    """An official bundle that is at hand, as its home would give it."""
    server.content = (
        shared_bundles / "pianoroll_rnn_nade__CUBigDataClass.mag").read_bytes()
    server.cuts = [1_000_000]
    result = run_cli("download", "pianoroll_rnn_nade", "--home", server.address, "--json")
    assert result.returncode == 0, result.stderr
    bundle, = json.loads(result.stdout)["bundles"]
    assert bundle == {
        "model": "pianoroll_rnn_nade", "version": 1,
        "file": "models/pianoroll_rnn_nade/1/pianoroll_rnn_nade.mag",
        "bytes": len(server.content),
        "git_blob": catalog.OFFICIAL["pianoroll_rnn_nade"].git_blob}
    here, = json.loads(run_cli("list", "--json").stdout)["here"]
    assert (here["model"], here["version"], here["official"]) == (
        "pianoroll_rnn_nade", 1, "pianoroll_rnn_nade")
    row = next(line for line in run_cli("list").stdout.splitlines()
               if line.startswith(" pianoroll_rnn_nade"))
    assert row.rstrip().endswith("yes")


def test_progress_on_a_terminal(server, tmp_path):
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [*program(), "download", "basic_rnn", "--home", server.address], cwd=tmp_path,
        stdout=subprocess.DEVNULL, stderr=follower, env={**os.environ, "COLUMNS": "100"},
    ) as process:
        os.close(follower)
        shown = b""
        while chunk := _read(leader):
            shown += chunk
        process.wait(timeout=60)
    os.close(leader)
    assert b"basic_rnn" in shown and b"700.0/700.0 kB" in shown


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # The other end is closed.
        return b""


def test_list_of_the_official_bundles(run_cli):
    shown = json.loads(run_cli("list", "--json").stdout)
    assert shown["here"] == []
    names = [bundle["name"] for bundle in shown["official"]]
    assert "basic_rnn" in names and names == sorted(names)
    assert len({bundle["git_blob"] for bundle in shown["official"]}) == len(names)
    assert all(len(bytes.fromhex(bundle["git_blob"])) == 20 for bundle in shown["official"])


def test_list_of_a_folder(run_cli, make_models):
    models = make_models(melody=[1, 12], other=[3])
    (models / "melody" / "notes.txt").write_text("no version")
    here = json.loads(run_cli("list", "--models", models, "--json").stdout)["here"]
    assert [(bundle["model"], bundle["version"]) for bundle in here] == [
        ("melody", 1), ("melody", 12), ("other", 3)]
    assert all(bundle["official"] is None for bundle in here)


def test_git_blob_is_gits(tmp_path):
    (tmp_path / "file").write_bytes(CONTENT)
    assert catalog.git_blob(tmp_path / "file") == subprocess.run(
        ["git", "hash-object", str(tmp_path / "file")], check=True, capture_output=True,
        text=True).stdout.strip()
