"""Proof that the servable equals Magenta's own Python, stage by stage and bit by bit.

Modules:
    bundles: the bundles that are compared (made here with Magenta's code, real ones, the demo).
    reference: Magenta's generators, run as they are, with an optional recording of each stage.
    cases: requests, from a seeded generator (reproducible by index), hypothesis and by hand.
    families: one module per model family; a new family is one more module and a table row.
    pipeline: the comparison of one case, stage by stage and end to end.
    compare: field-by-field protos, float bits, readable differences.
    table: counts of comparisons, config x stage, printed at the end of a run.
"""
