"""The ten defects of the tutorial's method, each of which can be repaired alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Defect:
    """One thing wrong with the method: what its code does, what that did to the numbers, what mends it.

    `effect` gives figures of the tutorial's table over 20 seeds; "left in alone" is with the nine other
    defects repaired.
    """

    name: str
    fault: str
    effect: str
    repair: str


DEFECTS = (
    Defect(
        "shuffled-features-only",
        "Shuffles the rows of features and leaves the labels where they were.",
        "Rows are learned with others' labels: left in alone, 58.3 % right, 0 of 20 seeds above chance.",
        "Rows and labels are shuffled together.",
    ),
    Defect(
        "one-scale-for-all",
        "Scales all six columns by one mean and one standard deviation.",
        "No harm here, where all columns are of a size: left in alone, 84.8 % right, against 83.3 %.",
        "Each column has its own mean and standard deviation.",
    ),
    Defect(
        "scaled-on-held-out",
        "Takes the mean and the standard deviation over all rows, the held-out ones included.",
        "Hardly anything here: left in alone, 83.1 % right, against 83.3 %; only repairing it shows that.",
        "They are taken over the training rows alone.",
    ),
    Defect(
        "growing-prefix-batches",
        "Takes for a batch all rows from the first one to the batch's last one.",
        "30,876 rows an epoch, not 248, the first 248 times: left in alone, 82.4 % right, against 83.3 %.",
        "A batch is its own rows.",
    ),
    Defect(
        "batch-size-ignored",
        "Divides the second layer's gradient by 1, whatever rows it sums, and the first layer's by nothing.",
        "Nothing while a batch is one row; on the growing batches, steps up to 248 times too long.",
        "Both layers follow the mean over the rows of the batch.",
    ),
    Defect(
        "missing-output-slope",
        "Reports the squared error of a tanh output, but leaves the output's slope out of its gradient.",
        "Descends something else than the error it reports: left in alone, 83.8 % right, against 83.3 %.",
        "The output's delta is multiplied by 1 - output squared.",
    ),
    Defect(
        "last-batch-error",
        "Reports the summed error of the epoch's last batch, before its update.",
        "Shows 8 to 17 where the mean is 0.03 to 0.07; with batches of one row, the error of that row.",
        "The error is the mean over all training rows, after the epoch.",
    ),
    Defect(
        "sorted-split",
        "Holds out the last rows of a file that is sorted by class.",
        "Learns from 210 Abnormal and 38 Normal rows; held out are 62 Normal ones, which can show nothing.",
        "The held-out rows are drawn at random, the same share of each class.",
    ),
    Defect(
        "argmax-of-one-column",
        "Compares the argmax of one output with that of one label, 0 with 0, and divides by a row's length.",
        "62 rows, all counted as right, divided by 1: 62.00 % for any weights at all.",
        "Outputs are cut at the middle of the label range, and right answers divided by the number of rows.",
    ),
    Defect(
        "tanh-against-01",
        "Asks an output between -1 and 1 for labels of 0 and 1.",
        "Half the output's range is unused, to no harm here: left in alone, 86.0 % right, against 83.3 %.",
        "The labels are -1 and 1.",
    ),
)
ALL = tuple(defect.name for defect in DEFECTS)


def chosen(repairs: Iterable[str]) -> tuple[str, ...]:
    """The repairs asked for, in the order of DEFECTS, `all` standing for all of them.

    Raises ValueError, naming the nearest, for one that does not exist.
    """
    asked = set(repairs)
    for name in sorted(asked.difference(ALL, ["all"])):
        near = get_close_matches(name, ALL, n=2, cutoff=0.5)
        advice = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(ALL)}, and all."
        raise ValueError(f"There is no repair named {name!r}: {advice}")
    return ALL if "all" in asked else tuple(name for name in ALL if name in asked)
