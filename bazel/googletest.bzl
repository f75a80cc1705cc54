"""GoogleTest and GoogleMock as the system has them (Debian: libgtest-dev, libgmock-dev)."""

# The headers lie where the compiler looks anyway.
_BUILD = """
cc_library(
    name = "gtest_main",
    linkopts = ["-lgmock", "-lgtest_main", "-lgtest", "-lpthread"],
    visibility = ["//visibility:public"],
)
"""

def _googletest_repository_impl(ctx):
    for header, package in [("gtest/gtest.h", "libgtest-dev"), ("gmock/gmock.h", "libgmock-dev")]:
        if not ctx.path("/usr/include/" + header).exists:
            fail("{} is not installed: run scripts/setup, or install {}.".format(header, package))
    ctx.file("BUILD", _BUILD)

googletest_repository = repository_rule(
    implementation = _googletest_repository_impl,
    doc = "@googletest//:gtest_main: a test's main function, GoogleTest and GoogleMock.",
    local = True,
)
