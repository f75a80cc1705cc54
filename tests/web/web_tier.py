"""The web tier of docker/web as a process on a free port of the loopback interface."""

import getpass
import tempfile
from collections.abc import Mapping

from magenta_serving.server.page import FOLDER

from ..servers import ROOT, ServerProcess


class WebTier(ServerProcess):
    """nginx with the page, before the REST API of a server.

    Options are those of docker/web/entrypoint.sh, in lower case; `server` must be given.
    """

    READY = "start worker process "

    def command(self, options: Mapping[str, object]) -> tuple[list[str], dict[str, str]]:
        # The base class thinks of two ports; nginx listens on one.
        settings = {
            "page": FOLDER, "state_dir": tempfile.mkdtemp(prefix="magenta-serving-"), **options,
            "port": options["rest_api_port"]}
        del settings["rest_api_port"]
        environment = {name.upper(): str(value) for name, value in settings.items()}
        # Where root starts it, its workers could else not read the checkout.
        return [str(ROOT / "docker/web/entrypoint.sh"), "-g", f"user {getpass.getuser()};"], (
            environment)
