"""The mathematics of small feed-forward networks: NumPy in, NumPy out, no files, no prints, no screen.

Equal examples, settings and seed give equal bytes of weights on one machine, as long as NumPy's matrix
products are made by one thread, as `epochal` sees to. In a notebook set OPENBLAS_NUM_THREADS=1 before NumPy
is imported: with more threads, layers of some hundred nodes differ in the last digits, and small networks
learn several times more slowly.
"""
