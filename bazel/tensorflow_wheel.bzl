"""TensorFlow's C++ headers and libraries, as the pinned Python wheel ships them.

The wheel's headers belong to its libraries: abseil and protobuf come from there as well, so that
one copy of each is in a process.
"""

load("//bazel:python.bzl", "PYTHON_ATTRS", "PYTHON_ENVIRON", "python_package", "run_python")

_FIND_VERSION = """
import importlib.metadata as metadata
for name in ("tensorflow-cpu", "tensorflow"):
    try:
        print(metadata.version(name))
        break
    except metadata.PackageNotFoundError:
        pass
"""

# The libraries are named by path and not given to Bazel as files: tests and the Python extension
# load the very files that Python's TensorFlow loads, and 750 MB are neither hashed nor copied. They
# are compiled without sanitizers; //bazel/sanitizers makes up for that under --define=sanitizer.
_BUILD = """
package(default_visibility = ["//visibility:public"])

config_setting(
    name = "address_sanitizer",
    define_values = {{"sanitizer": "address"}},
)

config_setting(
    name = "thread_sanitizer",
    define_values = {{"sanitizer": "thread"}},
)

cc_library(
    name = "absl_mutex",
    srcs = ["sanitizers/mutex.cc"],
    deps = [":libraries"],
    alwayslink = True,
)

cc_library(
    name = "absl_protobuf",
    deps = [":libraries"] + select({{
        ":thread_sanitizer": [":absl_mutex"],
        "//conditions:default": [],
    }}),
)

cc_library(
    name = "libraries",
    hdrs = glob([
        "include/absl/**",
        "include/google/**",
    ]) + select({{
        ":address_sanitizer": ["sanitizers/absl/base/config.h"],
        "//conditions:default": [],
    }}),
    includes = select({{
        ":address_sanitizer": ["sanitizers"],
        "//conditions:default": [],
    }}) + ["include"],
    linkopts = [
        "-L{folder}",
        "-Wl,-rpath,{folder}",
        "-l:libtensorflow_cc.so.2",
        "-l:libtensorflow_framework.so.2",
    ],
)

cc_library(
    name = "tensorflow",
    hdrs = glob(
        [
            "include/Eigen/**",
            "include/ml_dtypes/**",
            "include/tensorflow/**",
            "include/third_party/**",
            "include/tsl/**",
            "include/unsupported/**",
            "include/xla/tsl/**",
        ],
        exclude = [
            "include/tensorflow/compiler/**",
            "include/tensorflow/lite/**",
        ],
    ),
    deps = [":absl_protobuf"],
)

cc_library(
    name = "xla_flags",
    hdrs = ["include/tensorflow/compiler/jit/flags.h"],
    deps = [":tensorflow"],
)
"""

def _tensorflow_wheel_repository_impl(ctx):
    folder = python_package(ctx, "tensorflow")
    version = run_python(ctx, ["-c", _FIND_VERSION], "Looking for TensorFlow's version")
    if version != ctx.attr.version:
        fail("TensorFlow {} is needed, but {} is {}. Run scripts/setup.".format(
            ctx.attr.version,
            folder,
            version or "of an unknown version",
        ))
    for name in ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "include"]:
        if not folder.get_child(name).exists:
            fail("{} has no {}: is it the wheel for Linux?".format(folder, name))
    ctx.symlink(folder.get_child("include"), "include")
    ctx.symlink(ctx.attr.absl_config, "sanitizers/absl/base/config.h")
    ctx.symlink(ctx.attr.absl_mutex, "sanitizers/mutex.cc")
    ctx.file("BUILD", _BUILD.format(folder = folder))

tensorflow_wheel_repository = repository_rule(
    implementation = _tensorflow_wheel_repository_impl,
    attrs = dict(
        PYTHON_ATTRS,
        absl_config = attr.label(
            default = "//bazel/sanitizers:config.h",
            allow_single_file = True,
        ),
        absl_mutex = attr.label(
            default = "//bazel/sanitizers:mutex.cc",
            allow_single_file = True,
        ),
        version = attr.string(mandatory = True, doc = "The one version that is accepted."),
    ),
    doc = "@tensorflow_wheel//:absl_protobuf (music needs no more) and //:tensorflow (all).",
    environ = PYTHON_ENVIRON,
    local = True,
)
