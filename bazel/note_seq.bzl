"""C++ code of NoteSequence and GeneratorOptions.

The installed note-seq package carries the compiled descriptors of its protos, from which protoc
generates the code: no copy of the .proto files is needed, and the messages are the package's own.
"""

load("//bazel:python.bzl", "PYTHON_ATTRS", "PYTHON_ENVIRON", "python_package", "run_python")
load("//bazel:system.bzl", "find_protoc", "run")

_PROTOS = ["note_seq/protobuf/music.proto", "note_seq/protobuf/generator.proto"]

_BUILD = """
cc_library(
    name = "note_seq",
    srcs = glob(["note_seq/**/*.pb.cc"]),
    hdrs = glob(["note_seq/**/*.pb.h"]),
    copts = ["-w"],
    includes = ["."],
    visibility = ["//visibility:public"],
    deps = ["@tensorflow_wheel//:absl_protobuf"],
)
"""

def _note_seq_repository_impl(ctx):
    folder = python_package(ctx, "note_seq").get_child("protobuf")
    run_python(
        ctx,
        [
            str(ctx.path(ctx.attr._write_descriptor_set)),
            "descriptors.binpb",
            str(folder.get_child("music_pb2.py")),
            str(folder.get_child("generator_pb2.py")),
        ],
        "Reading note-seq's descriptors",
    )
    protoc = find_protoc(ctx, ctx.attr.protoc_version)
    run(ctx, [protoc, "--descriptor_set_in=descriptors.binpb", "--cpp_out=."] + _PROTOS)
    ctx.file("BUILD", _BUILD)

note_seq_repository = repository_rule(
    implementation = _note_seq_repository_impl,
    attrs = dict(
        PYTHON_ATTRS,
        protoc_version = attr.string(mandatory = True, doc = "Accepted release, as 'major.minor'."),
        _write_descriptor_set = attr.label(
            default = "//bazel:write_descriptor_set.py",
            allow_single_file = True,
        ),
    ),
    doc = "@note_seq, for #include \"note_seq/protobuf/music.pb.h\" and generator.pb.h.",
    environ = PYTHON_ENVIRON,
    local = True,
)
