"""A fuzz target: one source file with LLVMFuzzerTestOneInput."""

load("//bazel:room.bzl", "COPTS")

def fuzz_target(name, deps, data = []):
    """Makes NAME, which libFuzzer runs, and NAME_test, which replays corpus/NAME.

    Where mutated bytes would seldom be an input, NAME_mutator.cc has LLVMFuzzerCustomMutator.

    Args:
      name: Of the target; its source is NAME.cc.
      deps: What it includes.
      data: Files that it reads.
    """
    mutator = native.glob([name + "_mutator.cc"], allow_empty = True)
    native.cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".cc"] + mutator,
        copts = COPTS,
        data = data,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],  # for --config=fuzz only
        deps = deps + ([":mutation"] if mutator else []),
    )
    native.cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + ".cc", "replay.cc"],
        args = ["fuzz/corpus/" + name],
        copts = COPTS,
        data = data + native.glob(["corpus/{}/*".format(name)]),
        deps = deps,
    )
