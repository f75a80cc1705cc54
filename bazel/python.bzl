"""Finds the Python interpreter for which everything is built, and packages installed in it.

The interpreter is $PYTHON_BIN or, without it, the .venv of this checkout (made by scripts/setup).
"""

# Attributes and environment that every repository rule using this file needs.
PYTHON_ENVIRON = ["PYTHON_BIN"]
PYTHON_ATTRS = {
    # Read so that a change of the pinned packages sets the repository up again.
    "requirements": attr.label(
        default = "//:requirements/runtime.txt",
        allow_single_file = True,
    ),
}

_PYTHON_VERSION = "3.11"
_SETUP_HINT = "Run scripts/setup, or set PYTHON_BIN to a Python that has the pinned packages."

def python_bin(ctx):
    """Returns the path of the interpreter as a string; fails when there is none."""
    workspace = ctx.path(ctx.attr.requirements).dirname.dirname
    python = ctx.os.environ.get("PYTHON_BIN", "") or "{}/.venv/bin/python".format(workspace)
    if not ctx.path(python).exists:
        fail("There is no Python at {}. {}".format(python, _SETUP_HINT))
    return python

def run_python(ctx, arguments, purpose):
    """Runs the interpreter without user site packages; returns what it printed, stripped."""
    result = ctx.execute([python_bin(ctx), "-s"] + arguments, quiet = True)
    if result.return_code != 0:
        fail("{} failed:\n{}".format(purpose, result.stderr))
    return result.stdout.strip()

_FIND_PACKAGE = """
import importlib.util, os, sys
spec = importlib.util.find_spec(sys.argv[1])
if spec and spec.submodule_search_locations:
    print(os.path.realpath(list(spec.submodule_search_locations)[0]))
"""

def python_package(ctx, name):
    """Returns the folder of an installed package, found without importing it."""
    folder = run_python(ctx, ["-c", _FIND_PACKAGE, name], "Looking for the package " + name)
    if not folder:
        fail("The Python package {} is not installed in {}. {}".format(
            name,
            python_bin(ctx),
            _SETUP_HINT,
        ))
    return ctx.path(folder)

_DESCRIBE = """
import sys, sysconfig
print("%d.%d" % sys.version_info[:2])
print(sysconfig.get_path("include"))
print(sysconfig.get_config_var("EXT_SUFFIX"))
"""

_BUILD = """
cc_library(
    name = "headers",
    hdrs = glob(["include/**"]),
    includes = ["include"],
    visibility = ["//visibility:public"],
)
"""

def _python_repository_impl(ctx):
    version, include, suffix = run_python(
        ctx,
        ["-c", _DESCRIBE],
        "Asking Python for its headers",
    ).splitlines()
    if version != _PYTHON_VERSION:
        fail("Python {} is needed, but {} is {}. {}".format(
            _PYTHON_VERSION,
            python_bin(ctx),
            version,
            _SETUP_HINT,
        ))
    if not ctx.path(include).get_child("Python.h").exists:
        fail("There is no {}/Python.h: install python{}-dev.".format(include, version))
    ctx.symlink(include, "include")
    ctx.file("BUILD", _BUILD)
    ctx.file("defs.bzl", 'EXTENSION_SUFFIX = "{}"\n'.format(suffix))

python_repository = repository_rule(
    implementation = _python_repository_impl,
    attrs = PYTHON_ATTRS,
    doc = "@python//:headers, and EXTENSION_SUFFIX in @python//:defs.bzl.",
    environ = PYTHON_ENVIRON,
    local = True,
)
