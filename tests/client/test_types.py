"""The clients' types, as mypy sees them in a user's code."""

import subprocess
import sys

from ..servers import ROOT

USER = '''
from magenta_serving import AsyncMagentaClient, MagentaClient

client = MagentaClient("localhost:1", timeout=2)
reveal_type(client.generate_detailed("melody", primer=[60, -2], num_steps=32))
reveal_type(client.predict("melody", {}))
reveal_type(client.status()[0].version)
client.generate("melody", num_steps="many")
client.status(versoin=1)


async def ask(client: AsyncMagentaClient) -> None:
    reveal_type(await client.score("melody", "theme.mid"))
'''


def test_users_see_types(tmp_path):
    (tmp_path / "user.py").write_text(USER)
    # grpc and protobuf have no types of their own.
    result = subprocess.run(
        [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--no-error-summary",
         f"--cache-dir={tmp_path / 'cache'}", "user.py"],
        cwd=tmp_path, env={"MYPYPATH": str(ROOT / "python")}, text=True, capture_output=True,
        timeout=300)
    lines = [line.split(": ", 1)[1] for line in result.stdout.splitlines()
             if line.startswith("user.py") and "defined in" not in line]
    assert lines == [
        'note: Revealed type is "list[magenta_serving.client.results.Generation]"',
        'note: Revealed type is "dict[str, numpy.ndarray[Any, Any]]"',
        'note: Revealed type is "int"',
        'error: Argument "num_steps" to "generate" of "MagentaClient" has incompatible type "str"; '
        'expected "int | None"  [arg-type]',
        'error: Unexpected keyword argument "versoin" for "status" of "MagentaClient"; did you mean '
        '"version"?  [call-arg]',
        'note: Revealed type is "magenta_serving.client.results.Score"',
    ]
    # The package has no errors of its own.
    assert not [line for line in result.stdout.splitlines()
                if not line.startswith("user.py") and ": error: " in line]
