"""Draw docs/the-62-percent.svg: the error the tutorial reports, as published and with all ten repairs.

    python benchmarks/article_curves.py

Two runs of a few seconds each. The colours are middle tones, readable on white and on black.
"""

from __future__ import annotations

from pathlib import Path

from epochal.core.article.replay import Replay
from epochal.core.article.training import EPOCHS, replay
from epochal.core.evaluation.wording import percent
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from

SVG = Path(__file__).parent.parent / "docs" / "the-62-percent.svg"
WIDTH, HEIGHT = 880, 400
PANEL, LEFT, RIGHT, TOP, BOTTOM = 362, 56, 490, 96, 336
GREY, FAINT = "#737b85", "#737b8555"


def text(x: float, y: float, words: str, size: int = 13, anchor: str = "start", extra: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}"{extra}>{words}</text>'


def panel(
    run: Replay, left: float, title: str, measure: str, top_error: float, step: float, colour: str
) -> list[str]:
    """One chart: title, what was printed and what is true, axes, curve."""

    def across(epoch: float) -> float:
        return left + PANEL * epoch / EPOCHS

    def down(error: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * error / top_error

    printed = run.printed_lines[-1].replace("Accuracy: ", "").replace("%", " %")
    true = f"{run.held_out_right} of {run.held_out_rows} held-out rows right"
    parts = [
        text(left, 24, title, 17, extra=f' font-weight="600" fill="{colour}"'),
        text(left, 48, f"It prints {printed}."),
        text(left, 68, f"True: {true}, {percent(run.true_accuracy)}."),
    ]
    for tick in range(round(top_error / step) + 1):
        y = down(tick * step)
        parts.append(f'<path d="M{left:g} {y:.1f}h{PANEL}" stroke="{FAINT}" stroke-width="1"/>')
        parts.append(text(left - 8, y + 4, f"{tick * step:g}", 12, "end"))
    ticks = range(0, EPOCHS + 1, EPOCHS // 4)
    parts += [text(across(epoch), BOTTOM + 20, str(epoch), 12, "middle") for epoch in ticks]
    parts.append(text(left + PANEL / 2, BOTTOM + 44, f"epoch; {measure}", 12, "middle"))
    points = " ".join(f"{across(epoch):.1f},{down(error):.1f}" for epoch, error in enumerate(run.curve))
    parts.append(
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
        'stroke-linejoin="round"/>'
    )
    return parts


def drawing(published: Replay, repaired: Replay) -> str:
    description = (
        f"Two curves of error against epoch. As published the reported error starts at "
        f"{published.curve[0]:.1f}, is {min(published.curve):.1f} at best and {published.curve[-1]:.1f} at "
        f"the end; the program prints {published.printed_accuracy:.2f} %, with {published.held_out_right} of "
        f"{published.held_out_rows} held-out rows right. Repaired, the mean error falls from "
        f"{repaired.curve[0]:.2f} to {repaired.curve[-1]:.2f}, with {repaired.held_out_right} of "
        f"{repaired.held_out_rows} right."
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="system-ui, sans-serif" fill="{GREY}">',
            "<title>The error reported: as published, and repaired</title>",
            f"<desc>{description}</desc>",
            *panel(published, LEFT, "As published", "error summed over the last batch", 20, 5, "#d2691e"),
            *panel(
                repaired,
                RIGHT,
                "All ten defects repaired",
                "mean error of a training row",
                0.8,
                0.2,
                "#2f86c9",
            ),
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    examples = dataset_from(open_table("column_2C_weka")).examples
    SVG.write_text(drawing(replay(examples), replay(examples, ["all"])), encoding="utf-8")
