"""Finds tools and libraries of the system, with an error that says what to install."""

def run(ctx, command):
    """Runs a command; returns what it printed, stripped. Fails when it does."""
    result = ctx.execute(command, quiet = True)
    if result.return_code != 0:
        fail("{} failed:\n{}".format(command[0], result.stderr))
    return result.stdout.strip()

def find_tool(ctx, name, package):
    """Returns the path of a program; fails when there is none."""
    path = ctx.which(name)
    if not path:
        fail("{} is not installed: run scripts/setup, or install {}.".format(name, package))
    return path

def find_header(ctx, header, package):
    """Returns the path of a header in /usr/include; fails when it is not there."""
    path = ctx.path("/usr/include/" + header)
    if not path.exists:
        fail("{} is not installed: run scripts/setup, or install {}.".format(header, package))
    return path

def find_protoc(ctx, version):
    """Returns the path of protoc, which must be of the release `version`, "major.minor"."""
    protoc = find_tool(ctx, "protoc", "protobuf-compiler")
    found = run(ctx, [protoc, "--version"]).split(" ")[-1]

    # protoc says "3.21.12" up to that release and "21.12" for the same one built upstream.
    if not ("3." + found if found.startswith("21.") else found).startswith(version + "."):
        fail("protoc {}.x is needed (TensorFlow's headers are of that release), but {} is {}.".format(
            version,
            protoc,
            found,
        ))
    return protoc

def static_libraries(ctx, modules, package):
    """Returns the flags that link pkg-config's modules, statically where there is an archive."""
    pkg_config = find_tool(ctx, "pkg-config", "pkg-config")
    if ctx.execute([pkg_config, "--exists"] + modules).return_code != 0:
        fail("{} are not all installed: run scripts/setup, or install {}.".format(
            " and ".join(modules),
            package,
        ))
    compiler = find_tool(ctx, "gcc", "g++")
    flags = []
    for flag in run(ctx, [pkg_config, "--static", "--libs"] + modules).split(" "):
        if flag.startswith("-l"):
            # A path when the compiler knows such a file, else the name alone.
            archive = run(ctx, [compiler, "-print-file-name=lib{}.a".format(flag[2:])])
            flag = archive if archive.startswith("/") else flag
        if flag not in flags:
            flags.append(flag)

    # An archive may need any other: order does not count within a group.
    return ["-Wl,--start-group"] + flags + ["-Wl,--end-group"]

# The headers lie where the compiler looks anyway.
_LIBRARY = """
cc_library(
    name = "{name}",
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _system_library_impl(ctx):
    for header, package in ctx.attr.headers.items():
        find_header(ctx, header, package)
    ctx.file("BUILD", _LIBRARY.format(name = ctx.name, linkopts = ctx.attr.linkopts))

system_library = repository_rule(
    implementation = _system_library_impl,
    attrs = dict(
        headers = attr.string_dict(doc = "Headers that must be there -> Debian's package of each."),
        linkopts = attr.string_list(),
    ),
    doc = "@NAME: a library as the system has it.",
    local = True,
)
