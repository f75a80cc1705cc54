"""The external repositories of the workspace. Each is set up only when a target needs it."""

load("//bazel:note_seq.bzl", "note_seq_repository")
load("//bazel:pybind11.bzl", "pybind11_repository")
load("//bazel:python.bzl", "python_repository")
load("//bazel:system.bzl", "system_library")
load("//bazel:tensorflow_serving.bzl", "tensorflow_serving_repositories")
load("//bazel:tensorflow_wheel.bzl", "tensorflow_wheel_repository")

# TensorFlow's headers are of this release of protobuf.
_PROTOC_VERSION = "3.21"

def magenta_serving_repositories():
    python_repository(name = "python")
    tensorflow_wheel_repository(name = "tensorflow_wheel", version = "2.19.1")
    note_seq_repository(name = "note_seq", protoc_version = _PROTOC_VERSION)
    pybind11_repository(name = "pybind11")
    system_library(
        name = "googletest",
        headers = {"gtest/gtest.h": "libgtest-dev", "gmock/gmock.h": "libgmock-dev"},
        linkopts = ["-lgmock", "-lgtest_main", "-lgtest", "-lpthread"],
    )
    system_library(
        name = "rapidjson",
        headers = {"rapidjson/document.h": "rapidjson-dev"},
    )
    system_library(
        name = "highway",
        headers = {"hwy/highway.h": "libhwy-dev"},
    )
    system_library(
        name = "boost_context",
        headers = {"boost/context/fiber.hpp": "libboost1.74-dev"},
        linkopts = ["-l:libboost_context.a"],
    )
    tensorflow_serving_repositories(
        commit = "eab9c3529b785dc685ab8c687f298e67016c8f81",  # Release 2.19.1.
        protoc_version = _PROTOC_VERSION,
    )
