"""The network as an estimator of scikit-learn's contract, without scikit-learn."""
