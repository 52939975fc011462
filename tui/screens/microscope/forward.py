"""Forward, page by page: inputs, sums, values, the answer, and how wrong it is."""

from __future__ import annotations

from math import inf

import numpy as np

from epochal.core.explain.microscope import is_decoupled
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.rows.preparation import unclipped
from epochal.tui.screens.microscope.page import (
    Column,
    Page,
    came_to,
    column,
    length,
    plain,
    rows_in_words,
    sum_of_products,
)
from epochal.tui.screens.microscope.subject import Slide


def inputs_page(slide: Slide, row: int) -> Page:
    """The row in the table's units, and as the network takes it."""
    batch, preparation = slide.step.batch, slide.preparation
    x, centre, spread = batch.inputs[row], preparation.centre, preparation.spread
    features = {feature.name: place for place, feature in enumerate(preparation.features)}
    cells = [
        float(batch.raw[row, features[name]]) if name in features else None for name in preparation.names
    ]

    is_clipped = preparation.bound != inf

    def value(index: int) -> float:
        cell = cells[index]
        # Of a filled cell, or the column of a category, what it was before it was scaled.
        scaled = unclipped(float(x[index]), preparation.bound)
        return (
            scaled * float(spread[index]) + float(centre[index]) if cell is None or np.isnan(cell) else cell
        )

    def worked(index: int) -> tuple[str, ...]:
        numbers = {"value": value(index), "centre": centre[index], "spread": spread[index]}
        scaled = unclipped(float(x[index]), preparation.bound)
        said = [came_to("scaled" if is_clipped else "x", "(value - centre) / spread", numbers, scaled)]
        if is_clipped:
            numbers = {"scaled": scaled, "bound": preparation.bound}
            said.append(came_to("x", "scaled / sqrt(1 + (scaled / bound)^2)", numbers, x[index]))
        cell = cells[index]
        if cell is not None and np.isnan(cell):
            said.append("The cell is empty; it is imputed from the training rows.")
        return tuple(said)

    y = batch.targets[row]
    right = ", ".join(f"y = {plain(one)} for {name}" for one, name in zip(y, slide.outputs, strict=True))
    if slide.is_for_classes and len(y) > 1:
        right = f"y = 1 for {slide.outputs[int(y.argmax())]}, y = 0 for the others"
    formulas = [
        "x = (value - centre) / spread"
        if not is_clipped
        else "scaled = (value - centre) / spread, x = scaled / sqrt(1 + (scaled / bound)^2)",
        "Centre and spread of each column were learned from the training rows alone.",
        f"Target: {right}",
    ]
    if batch.weights is not None:
        formulas.append(f"This row counts {plain(batch.weights[row])} times.")
    return Page(
        stage="inputs",
        title="Inputs: the row as the network sees it",
        formulas=tuple(formulas),
        heading="column",
        lines=len(x),
        label=lambda index: preparation.names[index],
        columns=(
            Column("value", value),
            column("centre", centre, spare=True),
            column("spread", spread, spare=True),
            column("x", x),
        ),
        worked=worked,
        norm=length(x),
    )


def sums_page(slide: Slide, place: int, row: int) -> Page:
    """Each node's weights times what arrives over them, and its bias."""
    layer = slide.step.layers[place]
    weights, bias, sums = layer.weights[:, :-1], layer.weights[:, -1], layer.sums[row]
    symbol, value = "z" if slide.is_last(place) else "s", "x" if place == 0 else "a"
    return Page(
        stage=slide.stage("sums", place),
        title=f"{slide.layer(place)}: each node's sum",
        formulas=(
            f"{symbol} = (sum of w * {value} over the {'inputs' if place == 0 else 'nodes before'}) + b",
        ),
        heading="node",
        lines=len(sums),
        label=lambda node: slide.node(place, node),
        columns=(column(f"sum w*{value}", sums - bias), column("b", bias), column(symbol, sums)),
        worked=lambda node: (
            sum_of_products(symbol, weights[node], layer.arriving[row], bias[node], sums[node]),
        ),
        norm=length(sums),
    )


def values_page(slide: Slide, place: int, row: int) -> Page:
    """What each hidden node makes of its sum, and what dropout leaves of it."""
    layer, settings = slide.step.layers[place], slide.step.settings
    assert layer.slopes is not None
    known = ACTIVATIONS[settings.activation].value
    s, a, slopes = layer.sums[row], layer.values[row], layer.slopes[row]
    formulas = [f"a = {known.value}", f"slope = {known.slope}, which the way back needs"]
    columns = [column("s", s), column("a", a), column("slope", slopes, spare=layer.mask is not None)]
    if layer.mask is not None:
        formulas.append(
            f"Dropout: a * mask goes on. The mask is drawn as the run will draw it: "
            f"0 with probability {plain(settings.dropout)}, else {plain(1.0 / (1.0 - settings.dropout))}"
        )
        columns += [column("mask", layer.mask[row]), column("a * mask", layer.leaving[row])]

    def worked(node: int) -> tuple[str, ...]:
        numbers = {"s": s[node], "a": a[node]}
        lines = [
            came_to("a", known.value, numbers, a[node]),
            came_to("slope", known.slope, numbers, slopes[node]),
        ]
        if layer.mask is not None:
            numbers["mask"] = layer.mask[row, node]
            lines.append(came_to("a * mask", "a * mask", numbers, layer.leaving[row, node]))
        return tuple(lines)

    return Page(
        stage=slide.stage("values", place),
        title=f"{slide.layer(place)}: activations ({settings.activation})",
        formulas=tuple(formulas),
        heading="node",
        lines=len(s),
        label=lambda node: slide.node(place, node),
        columns=tuple(columns),
        worked=worked,
        norm=length(layer.leaving[row]),
    )


def answer_page(slide: Slide, row: int) -> Page:
    """What the network answers, beside what is right."""
    layer, y, answer = slide.step.layers[-1], slide.step.batch.targets[row], slide.step.kind.output
    z, p = layer.sums[row], layer.values[row]
    columns, formulas = [column("z", z), column("p", p), column("y, right", y)], [f"p = {answer.formula}"]
    if not slide.is_for_classes:
        own_units = slide.step.kind.in_units(np.stack([p, y]), slide.preparation)
        factor = "mean" if slide.step.kind.asking_losses else "spread, plus its mean"
        formulas.append(f"In its own units a target is p times its {factor}.")
        columns += [column("in units", own_units[0]), column("right", own_units[1])]
    return Page(
        stage="answer",
        title="Output: the prediction",
        formulas=tuple(formulas),
        heading="output",
        lines=len(z),
        label=lambda node: slide.outputs[node],
        columns=tuple(columns),
        worked=lambda node: (
            came_to("p", answer.formula, {"z": z[node]}, p[node]) + f", where {plain(y[node])} is right",
        ),
    )


def errors_page(slide: Slide) -> Page:
    """The error of each row of the batch, and what is to be made small: their mean, and penalties."""
    step, batch = slide.step, slide.step.batch
    settings, loss, output = step.settings, step.loss, step.layers[-1]
    counting = "" if batch.weights is None else ", each times how much it counts"
    over = f"its {rows_in_words(len(batch))}{counting}"
    formulas = [f"E = {loss.error}", f"Error of the batch: the mean of E over {over} = {plain(step.error)}"]
    if step.penalty:
        parts = [] if is_decoupled(settings) or not settings.l2 else [f"{plain(settings.l2)} / 2 * w^2"]
        parts += [f"{plain(settings.l1)} * |w|"] if settings.l1 else []
        formulas.append(
            f"Penalty: the sum of {' + '.join(parts)} over all weights, without biases, "
            f"= {plain(step.penalty)}; together {plain(step.error + step.penalty)}"
        )
    columns = [column("E", step.errors)]
    if batch.weights is not None:
        columns.append(column("counts", batch.weights))
    single = len(slide.outputs) == 1
    if single:
        answers = ("p", output.values) if slide.is_for_classes else ("z", output.sums)
        columns = [column(answers[0], answers[1][:, 0]), column("y, right", batch.targets[:, 0]), *columns]

    def worked(row: int) -> tuple[str, ...]:
        if not single:
            return (f"E = {plain(step.errors[row])}",)
        numbers = {"p": output.values[row, 0], "z": output.sums[row, 0], "y": batch.targets[row, 0]}
        return (came_to("E", loss.error, numbers, step.errors[row]),)

    return Page(
        stage="error",
        title="Error: the loss of each prediction",
        formulas=tuple(formulas),
        heading="row",
        lines=len(batch),
        label=lambda row: slide.rows[row],
        columns=tuple(columns),
        worked=worked,
        of_rows=True,
    )
