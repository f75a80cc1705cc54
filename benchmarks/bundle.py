"""Makes a config's bundle and prints, as JSON, its path and what a step of its network needs.

A process of its own for what imports Magenta: `python -m benchmarks.bundle NAME`.
"""

import json
import sys

from .configs import CONFIGS, bundle_of


def main() -> None:
    (config,) = (config for config in CONFIGS if config.name == sys.argv[1])
    path = bundle_of(config)
    printed = {"path": path and str(path), "weights_read": None, "multiply_adds": None}
    if path:
        # After TensorFlow's own import, which brings the libraries that both share.
        from magenta_serving import Servable

        from .measure import network_of

        info = Servable.load(path, self_check=False).info
        if network := network_of(path, info["attention_length"]):
            printed["weights_read"] = network.weights_read()
            printed["multiply_adds"] = network.multiply_adds()
    print(json.dumps(printed))


if __name__ == "__main__":
    main()
