"""The tutorial's runs in the lab: one worker trains those that are wanted, and keeps what it has made.

The wanted runs take an epoch each in turn. One that is no longer wanted stands still from the end of its
epoch, and goes on from there when it is wanted again; a finished one is never trained twice.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic

from epochal.core.article.replay import Replay
from epochal.core.article.training import ArticleEpoch, ArticleTraining
from epochal.core.rows.examples import Examples
from epochal.core.training.gate import StepGate
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.tui.runner.worker import Worker

TABLE = "column_2C_weka"

# Seconds between two looks at what the weights of a run that goes on are worth.
LOOK_EVERY = 0.1


@dataclass(frozen=True)
class Plan:
    """A run of the method: the repairs, in the order of the defects, and the seed."""

    repairs: tuple[str, ...]
    seed: int


class ArticleRuns:
    """All runs of one screen. The screen says what it wants; the worker answers with frozen replays.

    `failure` is a sentence once the worker has ended by an exception; the replays before that stay.
    """

    def __init__(self, epochs: int, gate: StepGate) -> None:
        self.epochs = epochs
        self._gate = gate
        self._wish = threading.Condition()
        self._wanted: tuple[Plan, ...] = ()
        self._stopped = False
        self._trainings: dict[Plan, ArticleTraining] = {}
        self._replays: dict[Plan, Replay] = {}
        self._looked: dict[Plan, float] = {}
        self.failure = ""
        self._worker = Worker(self._work, self._failed, "Replaying the tutorial")
        self._worker.start()

    def want(self, *plans: Plan) -> None:
        """Train these and no others."""
        with self._wish:
            self._wanted = plans
            self._wish.notify()

    def latest(self, plan: Plan) -> Replay | None:
        """What the run was worth when last looked at; None before it has begun."""
        return self._replays.get(plan)

    def is_done(self, plan: Plan) -> bool:
        """Whether all its epochs are trained."""
        replay = self.latest(plan)
        return replay is not None and len(replay.curve) >= self.epochs

    def stop(self) -> None:
        """End the worker at the end of this epoch."""
        with self._wish:
            self._stopped = True
            self._wish.notify()

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        return self._worker.join(seconds)

    def _failed(self, sentence: str) -> None:
        self.failure = sentence

    def _work(self) -> None:
        examples = dataset_from(open_table(TABLE)).examples
        going: dict[Plan, Iterator[ArticleEpoch]] = {}
        while plans := self._unfinished():
            # A run that is no longer wanted keeps its weights, but not the buffers it was stepping with.
            going = {plan: going.get(plan) or iter(self._training(examples, plan)) for plan in plans}
            for plan, epochs in going.items():
                next(epochs, None)
                self._look(plan)
                if self._gate.closed:
                    self._gate.wait()

    def _unfinished(self) -> tuple[Plan, ...]:
        """The wanted runs that are not done, as soon as there are any; none once the worker is to end."""

        def unfinished() -> tuple[Plan, ...]:
            return tuple(plan for plan in dict.fromkeys(self._wanted) if not self.is_done(plan))

        with self._wish:
            self._wish.wait_for(lambda: self._stopped or unfinished())
            return () if self._stopped else unfinished()

    def _training(self, examples: Examples, plan: Plan) -> ArticleTraining:
        if plan not in self._trainings:
            training = ArticleTraining(examples, plan.repairs, plan.seed, self.epochs)
            self._trainings[plan] = training
            # Worth a look before the first epoch: what is printed does not wait for any training.
            self._replays[plan] = training.replay()
        return self._trainings[plan]

    def _look(self, plan: Plan) -> None:
        training, now = self._trainings[plan], monotonic()
        done = len(training.curve) >= self.epochs
        if done or now - self._looked.get(plan, 0.0) >= LOOK_EVERY:
            self._looked[plan] = now
            self._replays[plan] = training.replay()
        if done:
            del self._trainings[plan]
