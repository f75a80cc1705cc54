"""Measures this project against others that run the same models: `make benchmark`."""
