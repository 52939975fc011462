"""All pages of a step, in the order in which its numbers come about."""

from __future__ import annotations

from epochal.tui.screens.microscope import backward, forward
from epochal.tui.screens.microscope.page import Page
from epochal.tui.screens.microscope.subject import Slide


def pages(slide: Slide, row: int) -> list[Page]:
    """Forward, back, and the update, as they are for this row of the batch."""
    *hidden, last = range(len(slide.step.layers))
    found = [forward.inputs_page(slide, row)]
    for place in hidden:
        found += [forward.sums_page(slide, place, row), forward.values_page(slide, place, row)]
    found += [
        forward.sums_page(slide, last, row),
        forward.answer_page(slide, row),
        forward.errors_page(slide),
    ]
    found.append(backward.output_deltas_page(slide, row))
    found += [backward.hidden_deltas_page(slide, place, row) for place in reversed(hidden)]
    found += [backward.gradients_page(slide, place, row) for place in reversed([*hidden, last])]
    if slide.step.settings.clip:
        found.append(backward.clipping_page(slide))
    return found + [backward.update_page(slide, place) for place in [*hidden, last]]
