"""Tables in Markdown and plots of what was measured."""

import pathlib
from collections.abc import Mapping
from typing import Any

from .configs import STEPS

_IN_FLIGHT = ("1", "8", "32", "128")
_NONE = "–"


def write(results: Mapping[str, Any], folder: pathlib.Path) -> None:
    """Writes results.md, step.svg and throughput.svg into a folder."""
    (folder / "results.md").write_text(markdown(results))
    _plot(results, folder)


def markdown(results: Mapping[str, Any]) -> str:
    """All tables."""
    parts = [f"{results['processor']}, {results['cores']} cores, {results['date']}\n"]
    for title, table in (
            ("One sequence: microseconds per step of the network", _steps),
            (f"Sequences of {STEPS} steps per second, in process", _throughput),
            ("Through the servers", _servers), ("Load and memory", _load),
            ("Against the limits of the machine", _limit)):
        if rows := table(results):
            parts.append(f"## {title}\n\n{rows}")
    return "\n".join(parts)


def summary(result: Mapping[str, Any]) -> str:
    """One line about a config."""
    return ", ".join(f"{name} {engine['step_us']:.3g} us"
                     for name, engine in result["engines"].items())


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _number(value: float | None, unit: str = "") -> str:
    if value is None:
        return _NONE
    if value >= 1000:
        return f"{value:,.0f}{unit}"
    return f"{value:.3g}{unit}"


def _steps(results: Mapping[str, Any]) -> str:
    titles = results["titles"]
    rows = []
    for name, result in results["configs"].items():
        row = [name]
        native = result["engines"].get("native", {}).get("step_us")
        for engine in titles:
            value = result["engines"].get(engine, {}).get("step_us")
            ratio = "" if engine == "native" or not (value and native) else (
                f" (x{_number(value / native)})")
            row.append(_number(value) + ratio)
        rows.append(row)
    return _table(["", *titles.values()], rows)


def _throughput(results: Mapping[str, Any]) -> str:
    rows = []
    for name, result in results["configs"].items():
        for engine, title in results["titles"].items():
            measured = result["engines"].get(engine)
            if not measured:
                continue
            for key, suffix in (("per_second", ""), ("rows_per_second", ", rows of one request")):
                if rates := measured.get(key):
                    rows.append([name, title + suffix,
                                 *(_number(rates.get(number)) for number in _IN_FLIGHT)])
    return _table(["", "in flight:", *_IN_FLIGHT], rows)


def _servers(results: Mapping[str, Any]) -> str:
    rows = []
    for name, result in results["configs"].items():
        for server, measured in result.get("servers", {}).items():
            overhead = measured["p50_ms"] / measured["in_process_ms"] - 1
            rows.append([
                name, server, _number(measured["in_process_ms"]), _number(measured["p50_ms"]),
                f"{overhead:+.0%}", _number(measured["p99_ms"]),
                *(_number(measured["per_second"][number]) for number in _IN_FLIGHT),
                f"{_number(measured['p50_ms_by']['32'])} / {_number(measured['p99_ms_by']['32'])}"])
    return rows and _table(
        ["", "server", "in process, ms", "p50, ms", "overhead", "p99, ms",
         *(f"{number} in flight, /s" for number in _IN_FLIGHT), "p50 / p99 of 32, ms"], rows)


def _load(results: Mapping[str, Any]) -> str:
    rows = []
    for name, result in results["configs"].items():
        weights = 4 * result.get("parameters", 0) / 2**20 or None
        for engine, title in results["titles"].items():
            measured = result["engines"].get(engine)
            if not measured:
                continue
            rows.append([name, title, _number(1e3 * measured["load_s"]), _number(weights),
                         _number(measured["loaded_mib"]), _number(measured["peak_mib"])])
            if "load_unchecked_s" in measured:
                rows.append([name, f"{title}, no self-check",
                             _number(1e3 * measured["load_unchecked_s"]), _number(weights),
                             _number(measured["loaded_unchecked_mib"]), _NONE])
    return _table(["", "", "load, ms", "weights, MiB", "memory of the first model, MiB",
                   "peak of the process, MiB"], rows)


def least_step(limits: Mapping[str, Any], threads: str, rows: int) -> tuple[float, str]:
    """The least seconds of a step of `rows` rows, and what bounds it."""
    machine = limits["threads"][threads]
    (bandwidth,) = machine["bandwidth"].values()
    return max((limits["bytes"] / bandwidth, "bandwidth"),
               (rows * limits["multiply_adds"] / machine["fma"], "multiply-adds"))


def _limit(results: Mapping[str, Any]) -> str:
    rows = []
    for name, result in results["configs"].items():
        limits, native = result.get("limits"), result["engines"].get("native")
        if not limits or not native:
            continue
        machine = limits["threads"]["1"]
        (bandwidth,) = machine["bandwidth"].values()
        least, bound = least_step(limits, "1", 1)
        row = [name, _number(limits["bytes"] / 2**20), _number(limits["multiply_adds"] / 1e6),
               _number(bandwidth / 1e9), _number(machine["fma"] / 1e9),
               f"{_number(1e6 * least)} ({bound})", _number(native["step_us"]),
               f"{1e6 * least / native['step_us']:.0%}"]
        for source in (native["per_second"], result.get("servers", {}).get("embedded", {}).get(
                "per_second", {}), result.get("servers", {}).get("model_server", {}).get(
                "per_second", {})):
            rate = source.get("32")
            # Two threads, each with 16 of the 32 rows.
            step, _ = least_step(limits, "1", 16)
            slowed = max(step, 32 * limits["multiply_adds"] / limits["threads"]["2"]["fma"])
            row.append(f"{rate * STEPS * slowed / 32:.0%}" if rate else _NONE)
        rows.append(row)
    return rows and _table(
        ["", "weights read, MiB", "multiply-adds, 1e6", "bandwidth, GB/s", "1e9 multiply-adds/s",
         "least step, us", "step, us", "of the limit", "32 in flight, of the limit",
         "through the embedded server", "through the model server"], rows)


def _plot(results: Mapping[str, Any], folder: pathlib.Path) -> None:
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    titles, configs = results["titles"], results["configs"]
    width = 0.8 / len(titles)
    figure, axes = pyplot.subplots(figsize=(11, 5), layout="constrained")
    for k, (engine, title) in enumerate(titles.items()):
        bars = [(i, r["engines"][engine]["step_us"]) for i, r in enumerate(configs.values())
                if engine in r["engines"]]
        axes.bar([i + (k - len(titles) / 2 + 0.5) * width for i, _ in bars],
                 [value for _, value in bars], width, label=title)
    axes.set(yscale="log", ylabel="microseconds per step, one sequence", xticks=range(len(configs)))
    axes.set_xticklabels(list(configs), rotation=30, ha="right")
    axes.legend()
    figure.savefig(folder / "step.svg")
    pyplot.close(figure)

    columns = 4
    lines = -(-len(configs) // columns)
    figure, grid = pyplot.subplots(lines, columns, figsize=(3.2 * columns, 2.6 * lines),
                                   layout="constrained", squeeze=False)
    for axes in grid.flat[len(configs):]:
        axes.set_visible(False)
    handles: dict[str, Any] = {}
    for axes, (name, result) in zip(grid.flat, configs.items()):
        curves = {title: result["engines"].get(engine, {}).get("per_second", {})
                  for engine, title in titles.items()}
        curves |= {f"through the {server.replace('_', ' ')}": measured["per_second"]
                   for server, measured in result.get("servers", {}).items()}
        for k, (title, rates) in enumerate(curves.items()):
            if rates:
                handles[title], = axes.plot([int(n) for n in rates], list(rates.values()), "o-",
                                            color=f"C{k}", markersize=3)
        axes.set(xscale="log", yscale="log", title=name, xticks=[1, 8, 32, 128])
        axes.title.set_fontsize(8)
        axes.set_xticklabels(_IN_FLIGHT)
        axes.minorticks_off()
    figure.supxlabel("in flight")
    figure.supylabel(f"sequences of {STEPS} steps per second")
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, fontsize=8)
    figure.savefig(folder / "throughput.svg")
    pyplot.close(figure)
