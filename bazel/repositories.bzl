"""The external repositories of the workspace. Each is set up only when a target needs it."""

load("//bazel:googletest.bzl", "googletest_repository")
load("//bazel:note_seq.bzl", "note_seq_repository")
load("//bazel:pybind11.bzl", "pybind11_repository")
load("//bazel:python.bzl", "python_repository")
load("//bazel:tensorflow_wheel.bzl", "tensorflow_wheel_repository")

def magenta_serving_repositories():
    python_repository(name = "python")
    tensorflow_wheel_repository(name = "tensorflow_wheel", version = "2.19.1")
    note_seq_repository(name = "note_seq", protoc_version = "3.21")
    pybind11_repository(name = "pybind11")
    googletest_repository(name = "googletest")
