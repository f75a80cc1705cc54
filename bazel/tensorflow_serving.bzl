"""TensorFlow Serving on TensorFlow's wheel and the system's libraries.

Upstream's build files compile all of TensorFlow. Here @tf_serving is the release as it was
published, and @tensorflow_serving lays its sources out for two libraries: the messages and the
model server. A few small files that the wheel lacks are in bazel/tensorflow_serving/compat.
"""

load("@bazel_tools//tools/build_defs/repo:git.bzl", "git_repository")
load("//bazel:python.bzl", "PYTHON_ATTRS", "PYTHON_ENVIRON", "python_package")
load("//bazel:system.bzl", "find_header", "find_protoc", "find_tool", "run", "static_libraries")

_COMPAT = [
    "curl/curl.h",
    "tensorflow/cc/saved_model/signature_constants.h",
    "tensorflow/cc/saved_model/tag_constants.h",
    "tensorflow/core/grappler/optimizers/inference/batch_op_rewriter.proto",
    "tensorflow/core/kernels/batching_util/basic_batch_scheduler.h",
    "tensorflow/core/profiler/rpc/profiler_service_impl.h",
    "tensorflow/core/tfrt/graph_executor/config.proto",
    "tensorflow_serving/servables/tensorflow/tflite_session.h",
]

# Left out of the model server: other binaries, tests, and what needs TFLite or TFRT.
_BUILD = """
package(default_visibility = ["//visibility:public"])

cc_library(
    name = "protos",
    srcs = glob(["**/*.pb.cc"]),
    hdrs = glob(["**/*.pb.h"]),
    copts = ["-w"],
    includes = ["."],
    linkopts = {linkopts},
    deps = ["@tensorflow_wheel//:tensorflow"],
)

# alwayslink, since source adapters register themselves.
cc_library(
    name = "model_server",
    srcs = glob(
        ["tensorflow_serving/" + pattern for pattern in [
            "batching/*.cc",
            "core/*.cc",
            "model_servers/*.cc",
            "resources/*.cc",
            "servables/tensorflow/*.cc",
            "servables/tensorflow/oss/*.cc",
            "session_bundle/oss/*.cc",
            "sources/storage_path/file_system_*.cc",
            "util/*.cc",
            "util/net_http/compression/*.cc",
            "util/net_http/internal/*.cc",
            "util/net_http/public/*.cc",
            "util/net_http/server/internal/*.cc",
        ]],
        exclude = [
            "**/*_benchmark.cc",
            "**/*_test.cc",
            "**/*_test_util.cc",
            "**/*tflite*",
            "**/*tfrt*",
            "**/device_runner_init_stub.cc",
            "**/main.cc",
            "**/saved_model_config.cc",
            "**/simple_servers.cc",
            "**/version.cc",
        ],
    ),
    hdrs = glob(["**/*.h"], exclude = ["**/*.pb.h"]),
    copts = ["-w"],
    deps = [
        ":protos",
        "@rapidjson",
    ],
    alwayslink = True,
)

# The stock server's main function.
cc_library(
    name = "main",
    srcs = [
        "tensorflow_serving/model_servers/main.cc",
        "tensorflow_serving/model_servers/version.cc",
    ],
    copts = ["-w"],
    local_defines = ["TF_MODELSERVER_VERSION_NO_META"],
    deps = [
        ":model_server",
        "@tensorflow_wheel//:xla_flags",
    ],
    alwayslink = True,
)
"""

_PROTO_FOLDERS = [
    "apis",
    "apis/internal",
    "config",
    "resources",
    "servables/tensorflow",
    "session_bundle/oss",
]
_SERVICES = ["apis/model_service.proto", "apis/prediction_service.proto"]

def _lay_out_sources(ctx):
    """Links the release's sources, without the BUILD files that would make packages of folders."""
    release = ctx.path(ctx.attr.release).dirname
    run(ctx, ["cp", "--recursive", "--symbolic-link", str(release), "tensorflow_serving"])
    run(ctx, ["find", ".", "-name", "BUILD*", "-delete"])
    for label in ctx.attr.compat:
        path = label.name[len("compat/"):]
        ctx.delete(path)
        ctx.symlink(label, path)

    # Upstream names libevent's headers by the folder that its own build has.
    ctx.symlink(find_header(ctx, "event2", "libevent-dev"), "libevent/include/event2")

def _generate_messages(ctx):
    """Makes the C++ code of messages and services."""
    find_header(ctx, "google/protobuf/any.proto", "libprotobuf-dev")
    plugin = find_tool(ctx, "grpc_cpp_plugin", "protobuf-compiler-grpc")
    protoc = [
        find_protoc(ctx, ctx.attr.protoc_version),
        "--proto_path=.",
        "--proto_path={}/include".format(python_package(ctx, "tensorflow")),
        "--proto_path=/usr/include",
    ]
    protos = [p for p in ctx.attr.compat if p.name.endswith(".proto")]
    protos = [p.name[len("compat/"):] for p in protos]
    for folder in _PROTO_FOLDERS:
        for child in ctx.path("tensorflow_serving/" + folder).readdir():
            if child.basename.endswith(".proto"):
                protos.append("tensorflow_serving/{}/{}".format(folder, child.basename))
    run(ctx, protoc + ["--cpp_out=."] + protos)
    run(ctx, protoc + ["--plugin=protoc-gen-grpc={}".format(plugin), "--grpc_out=."] +
             ["tensorflow_serving/" + path for path in _SERVICES])

def _tensorflow_serving_repository_impl(ctx):
    _lay_out_sources(ctx)
    _generate_messages(ctx)
    linkopts = static_libraries(
        ctx,
        ["grpc++", "libevent_pthreads", "re2", "zlib"],
        "libgrpc++-dev, libevent-dev, libre2-dev and zlib1g-dev",
    )

    # TensorFlow's library exports a gRPC of its own, older than ours: neither may see the other.
    ctx.file("BUILD", _BUILD.format(linkopts = ["-Wl,--exclude-libs,ALL"] + linkopts))

_tensorflow_serving_repository = repository_rule(
    implementation = _tensorflow_serving_repository_impl,
    attrs = dict(
        PYTHON_ATTRS,
        compat = attr.label_list(
            allow_files = True,
            default = [Label("//bazel/tensorflow_serving:compat/" + path) for path in _COMPAT],
        ),
        protoc_version = attr.string(mandatory = True, doc = "Accepted release, as 'major.minor'."),
        release = attr.label(default = "@tf_serving//tensorflow_serving:BUILD"),
    ),
    environ = PYTHON_ENVIRON,
    local = True,
)

def tensorflow_serving_repositories(commit, protoc_version):
    """Declares @tf_serving, the release, and @tensorflow_serving, which builds it.

    Args:
      commit: Of the release; it vouches for the content that is downloaded.
      protoc_version: Accepted release of protoc, as 'major.minor'.
    """
    git_repository(
        name = "tf_serving",
        commit = commit,
        remote = "https://github.com/tensorflow/serving.git",
    )
    _tensorflow_serving_repository(
        name = "tensorflow_serving",
        protoc_version = protoc_version,
    )
