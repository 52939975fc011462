"""Back, page by page: deltas, gradients, clipping, and the step of each weight."""

from __future__ import annotations

import numpy as np

from epochal.core.explain.microscope import is_decoupled
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.tui.screens.microscope.page import (
    Column,
    Page,
    came_to,
    column,
    length,
    mean_of_products,
    plain,
    rows_in_words,
    sum_of_products,
)
from epochal.tui.screens.microscope.subject import Slide


def output_deltas_page(slide: Slide, row: int) -> Page:
    """How the row's error changes with each output's sum."""
    layer, y, loss = slide.step.layers[-1], slide.step.batch.targets[row], slide.step.loss
    z, p, d = layer.sums[row], layer.values[row], layer.deltas[row]
    answers = ("p", p) if slide.is_for_classes else ("z", z)
    last = len(slide.step.layers) - 1
    return Page(
        stage=slide.stage("deltas", last),
        title="Output: deltas, how the error changes with each sum",
        formulas=(f"d = {loss.delta}",),
        heading="output",
        lines=len(d),
        label=lambda node: slide.outputs[node],
        columns=(column(*answers), column("y, right", y), column("d", d)),
        worked=lambda node: (came_to("d", loss.delta, {"z": z[node], "p": p[node], "y": y[node]}, d[node]),),
        norm=length(d),
    )


def hidden_deltas_page(slide: Slide, place: int, row: int) -> Page:
    """What flows back to each node, times its slope."""
    layer, following = slide.step.layers[place], slide.step.layers[place + 1]
    assert layer.back is not None
    assert layer.slopes is not None
    back, slopes, d = layer.back[row], layer.slopes[row], layer.deltas[row]
    formula = "back * slope" if layer.mask is None else "back * slope * mask"
    columns = [column("back", back), column("slope", slopes), column("d", d)]
    if layer.mask is not None:
        columns.insert(2, column("mask", layer.mask[row]))

    def worked(node: int) -> tuple[str, ...]:
        numbers = {"back": back[node], "slope": slopes[node]}
        if layer.mask is not None:
            numbers["mask"] = layer.mask[row, node]
        return (
            sum_of_products("back", following.weights[:, node], following.deltas[row], None, back[node]),
            came_to("d", formula, numbers, d[node]),
        )

    return Page(
        stage=slide.stage("deltas", place),
        title=f"{slide.layer(place)}: deltas, the error flowing back",
        formulas=("back = sum of w * d over the nodes that it leads to", f"d = {formula}"),
        heading="node",
        lines=len(d),
        label=lambda node: slide.node(place, node),
        columns=tuple(columns),
        worked=worked,
        norm=length(d),
    )


def gradients_page(slide: Slide, place: int, row: int) -> Page:
    """How the batch's error changes with each weight, and what pulls the weight towards 0 besides."""
    step, layer = slide.step, slide.step.layers[place]
    settings, batch, gradient = step.settings, step.batch, step.gradient
    value, inputs = "x" if place == 0 else "a", layer.arriving.shape[1]
    mean, l2, l1 = (slide.part(each, place) for each in (gradient.of_error, gradient.of_l2, gradient.of_l1))
    whole = mean + l2 + l1

    def delta(index: int) -> float:
        return float(layer.deltas[row, index // (inputs + 1)])

    def arrived(index: int) -> float:
        source = index % (inputs + 1)
        return 1.0 if source == inputs else float(layer.arriving[row, source])

    counting = "" if batch.weights is None else ", each times how much its row counts"
    formulas = [
        f"mean = mean of d * {value} over the batch's {rows_in_words(len(batch))}{counting}; "
        f"of a bias {value} is 1"
    ]
    columns = [
        Column("d", delta, spare=True),
        Column(value, arrived, spare=True),
        Column(f"d * {value}", lambda index: delta(index) * arrived(index)),
        column("mean", mean),
    ]
    parts = ["mean"]
    if settings.l2 and not is_decoupled(settings):
        parts.append(f"{plain(settings.l2)} * w")
        columns.append(column("L2", l2))
    if settings.l1:
        parts.append(f"{plain(settings.l1)} * sign(w)")
        columns.append(column("L1", l1))
    columns.append(column("g", whole))
    formulas.append(f"g = {' + '.join(parts)}{'; of a bias the mean alone' if len(parts) > 1 else ''}")

    def worked(index: int) -> tuple[str, ...]:
        node, source = divmod(index, inputs + 1)
        came = np.ones(len(batch)) if source == inputs else layer.arriving[:, source]
        counted = layer.deltas[:, node] * (1.0 if batch.weights is None else batch.weights)
        pulls = [plain(each[index]) for each in (l2, l1) if each[index]]
        total = " + ".join([plain(mean[index]), *pulls])
        said = f"g = {total} = {plain(whole[index])}" if pulls else f"g = {total}"
        return mean_of_products(counted, came, mean[index]), said

    return Page(
        stage=slide.stage("gradients", place),
        title=f"{slide.layer(place)}: gradients, how the error changes with each weight",
        formulas=tuple(formulas),
        heading="weight",
        lines=len(whole),
        label=lambda index: slide.weight(place, index),
        columns=tuple(columns),
        worked=worked,
        norm=length(whole),
    )


def clipping_page(slide: Slide) -> Page:
    """How long the whole gradient is, and what is left of it."""
    gradient, longest = slide.step.gradient, slide.step.settings.clip
    whole = gradient.of_error + gradient.of_l2 + gradient.of_l1
    before = np.array([length(slide.part(whole, place)) for place in range(len(slide.step.layers))])
    after = before * gradient.kept
    verdict = (
        "it stays as it is."
        if gradient.kept == 1.0
        else f"each is multiplied by {plain(longest)} / {plain(gradient.length)} = {plain(gradient.kept)}."
    )
    return Page(
        stage="clipping",
        title="Gradient clipping: too long a gradient is shortened",
        formulas=(
            f"All gradients together, as one vector, are {plain(gradient.length)} long.",
            f"The longest allowed is {plain(longest)}: {verdict}",
        ),
        heading="layer",
        lines=len(before),
        label=slide.layer,
        columns=(column("length", before), column("clipped", after)),
        worked=lambda place: (
            f"clipped = {plain(before[place])} * {plain(gradient.kept)} = {plain(after[place])}",
        ),
        norm=gradient.length * gradient.kept,
    )


def update_page(slide: Slide, place: int) -> Page:
    """What the optimizer takes from each weight."""
    step, update = slide.step, slide.step.update
    settings, shrinks = step.settings, is_decoupled(step.settings) and step.settings.l2 > 0.0
    w, shrunk, new, g = (
        slide.part(each, place) for each in (update.before, update.shrunk, update.after, step.gradient.whole)
    )
    worked_out = [(each, slide.part(each.values, place)) for each in update.worked_out]
    remembered = [slide.part(each, place) for each in update.remembered]
    taken = worked_out[-1][1]
    formulas = [f"{each.symbol} = {each.formula}" for each, _ in worked_out]
    formulas.append(
        f"new w = w - r * {plain(settings.l2)} * w - step; a bias is not shrunk"
        if shrinks
        else "new w = w - step"
    )
    known = f"g is the gradient{', clipped' if step.gradient.kept < 1.0 else ''}"
    if not OPTIMIZERS[settings.optimizer].value.takes_steps:
        known += "; how far to go along d is found by a search"
    else:
        known += f", r = {plain(update.rate)} the learning rate, t = {update.steps:,} the step's number"
    if remembered:
        known += (
            f"; {' and '.join(each.symbol for each, _ in worked_out[: len(remembered)])} go on from before"
        )
    formulas.append(known)

    def worked(index: int) -> tuple[str, ...]:
        numbers = {"g": float(g[index]), "r": update.rate}
        numbers |= {
            each.symbol: float(before[index])
            for (each, _), before in zip(worked_out, remembered, strict=False)
        }
        lines = []
        for each, values in worked_out:
            lines.append(came_to(each.symbol, each.formula, numbers, values[index]))
            numbers[each.symbol] = float(values[index])
        start = f"{plain(w[index])} - {plain(w[index] - shrunk[index])}" if shrinks else plain(w[index])
        taken_away = plain(taken[index])
        less = f"({taken_away})" if taken_away.startswith("-") else taken_away
        return (*lines, f"new w = {start} - {less} = {plain(new[index])}")

    return Page(
        stage=slide.stage("update", place),
        title=f"{slide.layer(place)}: the step of each weight ({settings.optimizer})",
        formulas=tuple(formulas),
        heading="weight",
        lines=len(w),
        label=lambda index: slide.weight(place, index),
        columns=(
            column("w", w),
            column("g", g),
            *(column(each.symbol, values, spare=True) for each, values in worked_out[:-1]),
            column("step", taken),
            column("new w", new),
        ),
        worked=worked,
        norm=length(new),
    )
