"""Evaluation: accuracy, intervals, baselines, ROC and calibration curves, regression errors."""
