"""`magenta-serving serve`: the command starts the server that its flags describe."""

import signal
import subprocess

from magenta_serving import MagentaClient

from ..commands import program


def test_serves_until_it_is_told_to_stop(make_models, free_port, tmp_path):
    models = make_models(melody=[3])
    process = subprocess.Popen(
        [*program(), "serve", "--models", str(models), "--port", str(free_port),
         "--rest_api_port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith("Ready:")
        with MagentaClient(f"127.0.0.1:{free_port}") as client:
            assert [status.version for status in client.status("melody")] == [3]
            assert len(client.generate("melody", num_steps=16, seed=1)) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def test_nothing_to_serve(fails, tmp_path, run_cli):
    result = run_cli("serve", "--model_base_path", tmp_path / "absent", "--port", 0,
                     "--rest_api_port", 0)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
