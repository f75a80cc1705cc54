"""Bazel's own dependencies from Debian's packages, in place of downloads."""

_PACKAGED = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

def debian_repositories():
    """Declares them where Bazel is Debian's bazel-bootstrap, which alone has no version."""
    if native.bazel_version not in ["", "no_version"]:
        return
    for name, path in _PACKAGED.items():
        native.local_repository(name = name, path = path)

    # Debian's rules_cc is too new for its Bazel.
    native.local_repository(name = "rules_cc", path = "bazel/debian/rules_cc")

    # Debian has none.
    native.local_repository(
        name = "remote_coverage_tools",
        path = "bazel/debian/remote_coverage_tools",
    )
