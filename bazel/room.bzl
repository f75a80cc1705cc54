"""One library and one test for a folder of C++ sources."""

COPTS = [
    "-Wall",
    "-Wextra",
    "-Wno-sign-compare",
    "-Wno-unused-parameter",
]

def room(name, deps, test_data = []):
    """A folder under servable/: a library of its sources and one test of all *_test.cc.

    What stands in the folder's test_util/ is compiled into the test only.

    Args:
      name: The folder's name; the test is called NAME_test.
      deps: What the library may include.
      test_data: Files that the test reads.
    """
    native.cc_library(
        name = name,
        srcs = native.glob(["*.cc"], exclude = ["*_test.cc"], allow_empty = True),
        hdrs = native.glob(["*.h"], allow_empty = True),
        copts = COPTS,
        visibility = ["//visibility:public"],
        deps = deps,
    )
    tests = native.glob(["*_test.cc"], allow_empty = True)
    if tests:
        native.cc_test(
            name = name + "_test",
            size = "small",
            srcs = tests + native.glob(["test_util/*.cc", "test_util/*.h"], allow_empty = True),
            copts = COPTS,
            data = test_data,
            deps = deps + [
                ":" + name,
                "@googletest//:gtest_main",
            ],
        )
