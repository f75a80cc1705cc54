"""Prints docs/hostile.md as it should be: with what all cases get now."""

from ..servers import ROOT
from . import bundles, page, requests
from .trials import BundleTrials, RequestTrials

_GOOD = ROOT / "demo/models/melody/1/lookback_rnn.mag"


def main() -> None:
    text = page.PAGE.read_text("utf-8")
    bundle_trials, request_trials = BundleTrials(_GOOD), RequestTrials(_GOOD)
    try:
        loads = ((case, bundle_trials.load(case)) for case in bundles.CASES)
        text = page.with_rows(text, "Bundles", [
            page.row(case.name, loaded.code, loaded.message) for case, loaded in loads])
        answers = ((case, request_trials.send(case)) for case in requests.CASES)
        text = page.with_rows(text, "Requests", [
            page.row(case.name, answer.code, answer.message) for case, answer in answers])
    finally:
        bundle_trials.close()
        request_trials.close()
    print(text, end="")


if __name__ == "__main__":
    main()
