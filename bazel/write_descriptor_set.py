"""Writes the descriptors of generated protobuf modules as one FileDescriptorSet.

Usage: write_descriptor_set.py OUTPUT x_pb2.py...

The modules are loaded by file location: the packages around them may take seconds to import.
"""

import importlib.util
import pathlib
import sys

from google.protobuf import descriptor_pb2


def main(output: str, *modules: str) -> None:
    descriptors = descriptor_pb2.FileDescriptorSet()
    for path in modules:
        spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.DESCRIPTOR.CopyToProto(descriptors.file.add())
    pathlib.Path(output).write_bytes(descriptors.SerializeToString())


if __name__ == "__main__":
    main(*sys.argv[1:])
