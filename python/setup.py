"""Marks the package as one with compiled parts; all else is in pyproject.toml.

The extension module is built by Bazel (scripts/build), so setuptools knows of none.
"""

from setuptools import Distribution, setup


class BinaryDistribution(Distribution):
    """Gives the wheel the tags of this interpreter and platform."""

    def has_ext_modules(self) -> bool:
        return True


setup(distclass=BinaryDistribution)
