"""Makes bundles for tests that need some: prints a line "CONFIG FAMILY PATH" for each config.

Usage, in the folder of tests: python -m parity
"""

import os
import warnings

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main() -> None:
    warnings.simplefilter("ignore")  # What Magenta's dependencies say when they are imported.
    import tensorflow.compat.v1 as tf

    from . import bundles, families

    tf.disable_v2_behavior()  # As Magenta's commands do.
    tf.logging.set_verbosity(tf.logging.ERROR)
    for name in families.configs():
        bundle = bundles.located(bundles.first_of(name))
        print(name, families.of_config(name).name, bundle.path, flush=True)


main()
