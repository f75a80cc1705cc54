"""Magenta's official bundles: which there are, what their content is, how they are had."""
