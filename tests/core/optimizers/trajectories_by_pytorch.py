"""Where PyTorch's optimizers and rate schedules go.

`python -m tests.trajectories_by_pytorch` with torch 2.13 writes trajectories_by_pytorch.json beside
itself. The tests read that, and need no torch.
"""

import json
from pathlib import Path

import numpy as np

FIGURES = Path(__file__).with_suffix(".json")
STEPS = (1, 2, 3, 10, 47, 48, 49, 100, 300)  # nadam's product of momenta ends at 48
START = np.array([1.0, -0.5, 2.0, 0.25, -3.0, 0.1, 0.7])
CURVATURE = np.array([0.01, 0.1, 1.0, 3.0, 0.5, 1e-6, 0.0])
RATES = {
    "sgd": 0.03,
    "momentum": 0.01,
    "nesterov": 0.01,
    "adagrad": 0.1,
    "rmsprop": 0.01,
    "adam": 0.02,
    "adamw": 0.02,
    "nadam": 0.02,
}
WEIGHT_DECAY = 0.1
EPOCHS = 40
ERRORS = [*(1 / epoch for epoch in range(1, 13)), *[0.5] * 25, 0.01, *[0.00999999] * 12, 0.009]


def gradient_at(parameters, step):
    """A valley, a swell that never rests, and one parameter that nothing moves."""
    swell = 0.4 * np.sin(0.9 * step + np.arange(7.0))
    swell[-1] = 0.0
    return CURVATURE * parameters + swell


def main():
    import torch
    from torch.optim import lr_scheduler

    torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in this
    made = {
        "sgd": lambda each, rate: torch.optim.SGD(each, lr=rate),
        "momentum": lambda each, rate: torch.optim.SGD(each, lr=rate, momentum=0.9),
        "nesterov": lambda each, rate: torch.optim.SGD(each, lr=rate, momentum=0.9, nesterov=True),
        "adagrad": lambda each, rate: torch.optim.Adagrad(each, lr=rate),
        "rmsprop": lambda each, rate: torch.optim.RMSprop(each, lr=rate),
        "adam": lambda each, rate: torch.optim.Adam(each, lr=rate),
        "adamw": lambda each, rate: torch.optim.AdamW(each, lr=rate, weight_decay=WEIGHT_DECAY),
        "nadam": lambda each, rate: torch.optim.NAdam(each, lr=rate),
    }
    trajectories = {}
    for name, make in made.items():
        parameters = torch.tensor(START, requires_grad=True)
        optimizer = make([parameters], RATES[name])
        trajectories[name] = []
        for step in range(1, STEPS[-1] + 1):
            parameters.grad = torch.tensor(gradient_at(parameters.detach().numpy(), step))
            optimizer.step()
            if step in STEPS:
                trajectories[name].append(parameters.tolist())

    def rates(scheduler_for, errors=None):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler = scheduler_for(optimizer)
        seen = []
        for epoch in range(len(errors) if errors else EPOCHS):
            seen.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(*([errors[epoch]] if errors else []))
        return seen

    schedules = {
        "constant": rates(lambda each: lr_scheduler.ConstantLR(each, factor=1.0)),
        "step": rates(lambda each: lr_scheduler.MultiStepLR(each, [EPOCHS // 2, EPOCHS * 3 // 4], gamma=0.1)),
        "inverse-time": rates(lambda each: lr_scheduler.LambdaLR(each, lambda n: 1 / (1 + 9 * n / EPOCHS))),
        "exponential": rates(lambda each: lr_scheduler.ExponentialLR(each, gamma=0.01 ** (1 / EPOCHS))),
        "cosine": rates(lambda each: lr_scheduler.CosineAnnealingLR(each, T_max=EPOCHS)),
    }
    figures = {
        "torch": torch.__version__,
        "trajectories": trajectories,
        "schedules": schedules,
        "warm-up of 5": rates(lambda each: lr_scheduler.LinearLR(each, start_factor=1 / 6, total_iters=5)),
        "plateau": rates(
            lambda each: lr_scheduler.ReduceLROnPlateau(each, factor=0.5, patience=9, threshold=1e-4), ERRORS
        ),
    }
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
