"""All findings of a run: every check of every subject, one decorated function each."""

from __future__ import annotations

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings.columns import check as on_columns
from epochal.core.findings.duplicates import check as on_duplicates
from epochal.core.findings.finding import Finding
from epochal.core.findings.result import check as on_the_result
from epochal.core.findings.split import check as on_the_split
from epochal.core.findings.training import check as on_the_training
from epochal.core.findings.underfit import check as on_underfitting
from epochal.core.training.training import Training

SUBJECTS = (on_the_split, on_duplicates, on_columns, on_the_training, on_underfitting, on_the_result)


def findings(training: Training, evaluation: Evaluation) -> list[Finding]:
    """All there is to say, the gravest first."""
    found = [
        finding for subject in SUBJECTS for each in subject.checks for finding in each(training, evaluation)
    ]
    return sorted(found, key=lambda finding: ("error", "warning", "note").index(finding.severity))
