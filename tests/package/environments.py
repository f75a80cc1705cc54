"""Virtual environments with the wheel and what it says it needs, and nothing else."""

import os
import pathlib
import subprocess
import sys
from importlib import metadata

from packaging import requirements
from packaging.utils import canonicalize_name


class Environment:
    """A fresh virtual environment with a wheel in it.

    Its requirements are not downloaded: those that the wheel declares, theirs and so on, are linked
    from the environment that runs the tests, so what is not declared is not there. TensorFlow's own
    are left out: of TensorFlow only the libraries are used.

    Attributes:
        python: its interpreter.
        program: its `magenta-serving`.
    """

    def __init__(self, folder: pathlib.Path, wheel: pathlib.Path, extra: str = ""):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        self.python = folder / "bin" / "python"
        self.program = folder / "bin" / "magenta-serving"
        self.run(sys.executable, "-m", "pip", "--python", self.python, "--quiet",
                 "--disable-pip-version-check", "install", "--no-deps", "--no-index", wheel)
        self.site_packages = next(folder.glob("lib/python*/site-packages"))
        self._linked: set[str] = set()
        installed, = metadata.distributions(
            name="magenta-serving", path=[str(self.site_packages)])
        self._link_requirements(installed, extra)

    def run(self, *words: object, **settings: object) -> subprocess.CompletedProcess:
        """Runs a command without what the environment of the tests says of Python's paths."""
        return subprocess.run(
            [str(word) for word in words], **{
                "check": True, "text": True, "capture_output": True, "timeout": 120,
                "env": self.variables(), **settings})

    @staticmethod
    def variables() -> dict[str, str]:
        return {**{name: value for name, value in os.environ.items()
                   if not name.startswith("PYTHON")}, "COLUMNS": "100"}

    def _link_requirements(self, needs: metadata.Distribution, extra: str) -> None:
        for requirement in map(requirements.Requirement, needs.requires or ()):
            name, marker = canonicalize_name(requirement.name), requirement.marker
            if name in self._linked or (marker and not marker.evaluate({"extra": extra})):
                continue
            self._linked.add(name)
            found = metadata.distribution(name)
            assert requirement.specifier.contains(found.version), requirement
            for file in set(found.files):
                target = self.site_packages / file
                # Programs are outside; TensorFlow's headers would be most of all files.
                if {"..", "__pycache__", "include"} & set(file.parts) or not file.locate().exists():
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                target.symlink_to(file.locate())
            if name != "tensorflow-cpu":
                self._link_requirements(found, "")
