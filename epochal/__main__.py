"""Where `epochal` begins."""

import gc
import os
import sys
import warnings

# Small matrices are multiplied faster by one thread than by two, and always to the same bytes: a library
# for linear algebra that shares a product among threads adds up in another order.
BLAS_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main() -> None:
    """Run the command line."""
    # A first paint within half a second: collecting garbage while a thousand modules are imported finds
    # none, and pydantic would search every installed package for plugins nobody here has.
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
    if not sys.warnoptions:
        # What a library warns of is for the tests to find; what matters to a user is said in sentences.
        warnings.simplefilter("ignore")
    from epochal.tui.cli.main import epochal
    from epochal.tui.cli.streams import make_sound

    gc.enable()
    make_sound()
    try:
        epochal(prog_name="epochal")
    except Exception as error:
        from epochal.tui.runner.worker import failure_in_words

        print(failure_in_words(error, "This command"), file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
