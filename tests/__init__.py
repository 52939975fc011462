"""The tests; products are made by one thread in them, as in the program."""

import os

from epochal.__main__ import BLAS_THREADS

os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))
