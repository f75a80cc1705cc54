"""`python -m magenta_serving.cli`, the same as `magenta-serving`."""

from magenta_serving.cli import main

main()
