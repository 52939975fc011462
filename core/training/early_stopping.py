"""Early stopping: the epoch with the least validation error is kept, and waiting for a better one ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


class EarlyStopping:
    """The parameters of the best epoch so far, its error on the validation rows, and its number.

    Before the first epoch that is judged, `epoch` is 0 and `error` infinite. Without `patience`, a number of
    epochs, nothing is judged, and the last epoch is the one to keep.
    """

    def __init__(self, parameters: Array, patience: int) -> None:
        self.patience = patience
        self.parameters, self.error, self.epoch = parameters.copy(), float("inf"), 0

    @property
    def has_best(self) -> bool:
        """Whether an epoch has been judged best."""
        return bool(self.patience and self.epoch)

    def kept(self, latest: Array) -> Array:
        """A copy of the parameters to keep, those of the best epoch or the latest; read-only."""
        parameters = (self.parameters if self.has_best else latest).copy()
        parameters.flags.writeable = False
        return parameters

    def is_over(self, epoch: int, error: float, parameters: Array) -> bool:
        """Judge an epoch; whether there has been no better one for as long as patience lasts."""
        if error < self.error:
            self.begin_from(epoch, error, parameters)
        return epoch - self.epoch >= self.patience

    def begin_from(self, epoch: int, error: float, parameters: Array) -> None:
        """Take this epoch for the best."""
        self.error, self.epoch = error, epoch
        np.copyto(self.parameters, parameters)
