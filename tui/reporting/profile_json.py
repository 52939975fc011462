"""The profile of a table as JSON: what `epochal inspect --profile --json` says."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from epochal.core.profile.column import Association, ColumnProfile
from epochal.core.profile.distribution import Histogram, Quartiles
from epochal.core.profile.profile import Profile

Json = dict[str, Any]


def profile_json(profile: Profile) -> Json:
    """All of it as plain values; columns in the order of what they say about the target."""
    names = profile.groups.names
    found = profile.correlations
    return {
        "rows": profile.of_rows,
        "rows_looked_at": len(profile.rows),
        "seed": profile.seed,
        "target": _column(profile.target, names, "target") if profile.target else None,
        "groups": [
            {"name": name, "rows": int(rows)}
            for name, rows in zip(names, profile.groups.sizes(), strict=True)
        ],
        "columns": [
            _column(one, names, "left out" if one.variable.left_out else "feature") for one in profile.columns
        ],
        "correlations": {
            "columns": list(found.names),
            "pearson": _matrix(found.pearson),
            "spearman": _matrix(found.spearman),
        },
        "pairs": [
            {
                "columns": [pair.first, pair.second],
                "share": pair.together.share,
                "gain": pair.gain,
                "bits": pair.together.bits,
                "chance": pair.together.chance,
            }
            for pair in profile.pairs
        ],
        "duplicates": dataclasses.asdict(profile.duplicates),
        "findings": [dataclasses.asdict(finding) for finding in profile.findings],
    }


def _column(column: ColumnProfile, groups: tuple[str, ...], role: str) -> Json:
    variable = column.variable
    return {
        "name": variable.name,
        "type": variable.kind,
        "role": role,
        "left_out": variable.left_out or None,
        "missing": column.missing,
        "distinct": column.distinct,
        "mean": column.mean,
        "std": column.deviation,
        "quartiles": _quartiles(column.box),
        "outliers": column.outliers,
        "far_out": column.far_out,
        "by_group": [
            {
                "group": name,
                "missing": missing,
                "quartiles": _quartiles(column.by_group[index]) if column.by_group else None,
            }
            for index, (name, missing) in enumerate(zip(groups, column.missing_by_group, strict=True))
        ],
        "histogram": _histogram(column.histogram) if column.histogram else None,
        "association": _association(column.association) if column.association else None,
        "findings": [dataclasses.asdict(finding) for finding in column.findings],
    }


def _quartiles(box: Quartiles | None) -> Json | None:
    return dataclasses.asdict(box) if box else None


def _histogram(histogram: Histogram) -> Json:
    return {
        "edges": histogram.edges.tolist() or None,
        "categories": list(histogram.labels) or None,
        "counts": histogram.counts.tolist(),
        "below": histogram.below,
        "above": histogram.above,
        "others": histogram.others,
    }


def _association(association: Association) -> Json:
    said = association.information
    return {
        "share": association.share,
        "beyond_chance": association.beyond_chance,
        "mutual_information": said.bits,
        "by_chance": said.chance,
        "target_entropy": said.entropy,
        "auc": association.auc,
        "pearson": association.pearson,
        "spearman": association.spearman,
        "correlation_ratio": association.correlation_ratio,
    }


def _matrix(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[list[float | None]]:
    return [[None if np.isnan(one) else float(one) for one in row] for row in values]
