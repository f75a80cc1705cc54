"""What scripts/fuzz runs of a target that is written in Python: atheris, which is libFuzzer.

Usage: run_python.py TARGET [OPTION | FOLDER]...
"""

import importlib
import sys

import atheris


def main() -> None:
    with atheris.instrument_imports(include=["magenta_serving"]):
        target = importlib.import_module(sys.argv.pop(1))
    atheris.Setup(sys.argv, target.test_one_input,
                  custom_mutator=getattr(target, "mutate", None))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
