"""What to know before changing a setting: other names for it, usual values, too high and too low."""

from __future__ import annotations

ADVICE: dict[str, str] = {
    "hidden": (
        "Layer sizes, width and depth. Usual: one layer of 4 to 32. Too many: it learns rows by "
        "heart (overfitting). Too few: both errors stay high (underfitting)."
    ),
    "activation": (
        "Activation function, the nonlinearity. Usual: tanh or relu. With relu a high rate leaves "
        "dead nodes; with tanh and sigmoid large weights saturate."
    ),
    "learning_rate": (
        "Step size. Usual: 0.001 to 0.01 with adam, 0.01 to 0.5 with sgd. Too high: the error "
        "jumps or runs away. Too low: it hardly falls."
    ),
    "batch_size": (
        "Minibatch size. Usual: 8 to 128. Larger: smoother and faster epochs, fewer steps. "
        "Smaller: noisier steps, more of them."
    ),
    "epochs": (
        "Usual: 100 to 1000 on small tables. Too many: held-out error rises again (overfitting). "
        "Too few: both errors are still falling."
    ),
    "optimizer": (
        "Update rule. Usual: adam, which needs little tuning; sgd shows plain gradient descent; "
        "lbfgs takes whole batches and suits small tables."
    ),
    "schedule": (
        "Learning-rate decay. Usual: constant, or cosine for long runs. It calms the last epochs; "
        "decayed too early, the error stops falling."
    ),
    "warm_up": (
        "Linear warm-up. Usual: 0, or a few epochs where a high rate jumps at the start. Too "
        "many: the first epochs are slow."
    ),
    "loss": (
        "Objective function. Usual: by-task, which is cross-entropy for classes and squared error "
        "for numbers. Huber and absolute mind outliers less."
    ),
    "l2": (
        "Ridge, weight decay. Usual: 0.0001 to 0.1, less for more rows. Too high: underfitting, "
        "answers near the mean. Too low: overfitting on few rows."
    ),
    "l1": (
        "Lasso. Usual: 0 to 0.01. It turns weights that matter little to about 0. Too high: all "
        "of them (underfitting)."
    ),
    "dropout": (
        "Usual: 0, or 0.1 to 0.5 in wide layers. Too high: the error stays high and jumps. Too "
        "low: no help against overfitting."
    ),
    "clip": (
        "Gradient clipping by norm. Usual: 0, or 1 to 5 where the error jumps now and then. Too "
        "low: every step is short, and learning slow."
    ),
    "class_weights": (
        "Usual: none; balanced where a rare class matters. It finds more of the rare class, and "
        "calls more of the others that."
    ),
    "patience": (
        "Early stopping, on validation rows taken from the training rows. Usual: 0, or 20 to 100. "
        "Too low: it stops at the first noise."
    ),
    "validation": (
        "Validation set; used with patience only. Usual: 0.1 to 0.3. Too high: few rows left to "
        "learn from. Too low: it stops by chance."
    ),
    "held_out": (
        "Test set. Usual: 0.2 to 0.3. Too high: few rows left to learn from. Too low: a wide "
        "interval, and little can be told from chance."
    ),
    "threshold": (
        "Decision threshold. Usual: 0.5. Lower: more of the second class is found, with more "
        "false alarms. Higher: the other way round."
    ),
    "temperature": (
        "Calibration. Usual: 1, or fitted where probabilities are too sure or not sure enough. It "
        "changes no ranking: only how sure the answers are."
    ),
    "networks": (
        "Ensemble. Usual: 1, or 5 where the answers are to depend less on the seed. Each takes as "
        "long as one; more than 10 change little."
    ),
    "scaling": (
        "Feature scaling, learned from training rows. Usual: standard; robust with outliers. "
        "None: large columns drown the others."
    ),
    "initial_weights": (
        "Initialization. Usual: xavier with tanh, he with relu. Zeros: all nodes of a layer stay "
        "alike. Normal: wide, and tanh nodes saturate."
    ),
    "precision": (
        "Floating-point precision. Usual: float64. Results differ in the last digits, and after "
        "many epochs by more."
    ),
    "seed": (
        "Random seed of split, first weights and shuffling. Try several: what changes with it is "
        "luck (f trains 16)."
    ),
    "cost": (
        "Cost-sensitive decision. Usual: none. A dear miss lowers the threshold: "
        "more of the second class is found, with more false alarms."
    ),
}
