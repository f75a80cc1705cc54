"""Load on a server, and what happens around it meanwhile: `python -m benchmarks.load --help`."""
