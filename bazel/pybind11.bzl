"""pybind11's headers, from the installed Python package."""

load("//bazel:python.bzl", "PYTHON_ATTRS", "PYTHON_ENVIRON", "python_package")

_BUILD = """
cc_library(
    name = "pybind11",
    hdrs = glob(["include/**/*.h"]),
    includes = ["include"],
    visibility = ["//visibility:public"],
    deps = ["@python//:headers"],
)
"""

def _pybind11_repository_impl(ctx):
    ctx.symlink(python_package(ctx, "pybind11").get_child("include"), "include")
    ctx.file("BUILD", _BUILD)

pybind11_repository = repository_rule(
    implementation = _pybind11_repository_impl,
    attrs = PYTHON_ATTRS,
    doc = "@pybind11, with the headers of @python.",
    environ = PYTHON_ENVIRON,
    local = True,
)
