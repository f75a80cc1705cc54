"""One library and one test for a folder of C++ sources."""

COPTS = [
    "-Wall",
    "-Wextra",
    "-Wno-sign-compare",
    "-Wno-unused-parameter",
]

def room(name, deps, copts = [], test_deps = [], test_data = []):
    """A folder under servable/: a library of its sources and one test of all *_test.cc.

    The headers in the folder's test_util/ are a library for tests, NAME_test_util.

    Args:
      name: The folder's name; the test is called NAME_test.
      deps: What the library may include.
      copts: Further flags of the compiler for the library.
      test_deps: What the test may include beside deps: other rooms' test_util.
      test_data: Files that the test reads.
    """
    native.cc_library(
        name = name,
        srcs = native.glob(["*.cc"], exclude = ["*_test.cc"], allow_empty = True),
        hdrs = native.glob(["*.h"], allow_empty = True),
        copts = COPTS + copts,
        visibility = ["//visibility:public"],
        deps = deps,
    )
    native.cc_library(
        name = name + "_test_util",
        testonly = True,
        hdrs = native.glob(["test_util/*.h"], allow_empty = True),
        visibility = ["//visibility:public"],
        deps = [":" + name],
    )
    tests = native.glob(["*_test.cc"], allow_empty = True)
    if tests:
        native.cc_test(
            name = name + "_test",
            size = "small",
            srcs = tests,
            copts = COPTS,
            data = test_data,
            deps = deps + test_deps + [
                ":" + name,
                ":" + name + "_test_util",
                "@googletest",
            ],
        )
