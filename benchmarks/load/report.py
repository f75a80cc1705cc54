"""Figures of a run as text, and what of them a server must not show."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

# More than before that is no leak.
_SPARE = 4
_SHOWN = 5


def percentiles(seconds: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Size -> milliseconds by percentile, and the number of answers."""
    result = {}
    for size, values in seconds.items():
        ordered = sorted(values)
        result[size] = {"answers": len(ordered), **{
            name: 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]
            for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99))}}
    return result


def broken(figures: Mapping[str, Any], options: argparse.Namespace) -> list[str]:
    """What went wrong, a sentence for each; none in a good run."""
    found = []
    for name in ("wrong", "failures"):
        if lines := figures[name]:
            found.append(f"{len(lines)} {name}: {'; '.join(lines[:_SHOWN])}")
    first, last = figures["first"], figures["last"]
    if last["memory"] > first["memory"] * (1 + options.memory_growth):
        found.append(f"memory grew from {first['memory']:,} to {last['memory']:,} bytes")
    # The first requests make threads that stay, so these are compared with the first minute's.
    for name, then in (("threads", first), ("handles", figures["before"])):
        now = figures["after"]
        if now[name] > then[name] + _SPARE:
            found.append(f"{name} grew from {then[name]} to {now[name]} when the clients had gone")
    if figures["swaps"] < options.swaps:
        found.append(f"{figures['swaps']} of {options.swaps} swaps came in time")
    limit = options.restart_seconds
    if limit is not None and figures["restart_seconds"] > limit:
        found.append(f"the restart took {figures['restart_seconds']:.1f} s")
    if figures["exit_status"] != 0:
        found.append(f"the server ended with {figures['exit_status']} when it was told to stop")
    return found


def text(figures: Mapping[str, Any]) -> str:
    """A few lines in Markdown."""
    looks = [figures[name] for name in ("before", "first", "last", "after")]
    _, first, last, _ = looks
    lines = [
        f"{figures['server']}, {figures['clients']} clients for {figures['seconds']:g} s, "
        f"{figures['swaps']} swaps, {figures['mishaps']} mishaps", "",
        "| way and code | answers |", "|---|---:|",
        *(f"| {name} | {count:,} |" for name, count in figures["codes"].items()), "",
        "| size | answers | p50 ms | p90 ms | p99 ms |", "|---|---:|---:|---:|---:|",
        *(f"| {size} | {row['answers']:,} | {row['p50']:.1f} | {row['p90']:.1f} | {row['p99']:.1f} |"
          for size, row in figures["milliseconds"].items()), "",
        f"Memory {first['memory'] / 2**20:.1f} MiB, at the end {last['memory'] / 2**20:.1f} MiB; "
        f"serving again {figures['restart_seconds']:.2f} s after kill -9",
        "Before the clients came, after the first minute, at the end, when they had gone: "
        + "; ".join(f"{name} {', '.join(str(look[name]) for look in looks)}"
                    for name in ("threads", "handles"))]
    return "\n".join(lines)
