"""One fit under way: the loop, the evaluations between its chunks, the checkpoints, and what it ends with."""

from __future__ import annotations

import dataclasses
import sys
import time
from typing import Any

import jax
import numpy as np

from gradiens.core.catalogue import find
from gradiens.core.check import Failure
from gradiens.core.chunk import room
from gradiens.core.iterate import Outcome, Seconds, iterate
from gradiens.core.keys import root_key
from gradiens.core.module import count, join, parts
from gradiens.core.progress import working
from gradiens.core.run import Run
from gradiens.core.tensors import save as save_tensors
from gradiens.data.augmentation import augmentation
from gradiens.data.minibatch import Minibatches
from gradiens.data.prepare import Prepared
from gradiens.optim.accumulation import accumulated
from gradiens.optim.descent import Descent
from gradiens.optim.solution import solution
from gradiens.train.baselines import judge
from gradiens.train.coefficients import coefficients
from gradiens.train.early_stopping import Lowest
from gradiens.train.evaluate import Evaluator, decide, headline, intervals, score
from gradiens.train.fitted import Fitted
from gradiens.train.hidden import kept_pictures
from gradiens.train.network import initial, link, make_loss, make_penalty, training_loss
from gradiens.train.spec import Spec
from gradiens.train.spread import spread
from gradiens.train.training import Cost, Training
from gradiens.train.watch import LayerWatch

CHECKPOINT_SECONDS = 5.0
ENOUGH_STEPS = 4000  # what `epochs: none` aims at, within 10 to 400 epochs; patience ends it earlier
PAUSES = 20  # evaluations of a run without validation rows, in which nothing waits for them
FEW = 4096  # training rows up to which the arrays are padded, so that tables of near sizes share a program


class Interrupted(Failure):
    """The run was stopped by the user and can be resumed."""


class Fitting:
    """One fit under way: what it needs between chunks, and what a checkpoint holds of it."""

    def __init__(self, spec: Spec, prepared: Prepared, run: Run | None, quiet: bool | None):
        self.spec, self.prepared, self.run, self.quiet = spec, prepared, run, quiet
        self.begun = self.saved_at = time.perf_counter()
        preprocessing, task = prepared.preprocessing, prepared.task
        self.theta, self.buffers, self.rest = parts(initial(spec, preprocessing, root_key(spec.seed)))
        cost = Cost(preprocessing.features, training_loss(spec, task), self.rest, *extras(spec))
        self.batches = Minibatches(len(prepared.train), spec.batch, spec.seed)
        self.every = self.batches.steps_per_epoch
        self.epochs = epochs_of(spec, self.every)
        self.steps = self.epochs * self.every
        self.pause = self.every if len(prepared.val) else self.every * -(-self.epochs // PAUSES)
        key = root_key(spec.seed) if spec.model or spec.dropout else None  # for noise
        descent = make_descent(spec, cost, self.steps)
        x, y = on_device(prepared.train.x, prepared.train.y)
        self.training = Training(descent, x, y, key)
        self.evaluate = Evaluator(preprocessing, make_loss(spec, task), link(task))
        seen = preprocessing.features, cost.loss, prepared.train.x, prepared.train.y
        self.watch = LayerWatch(*seen) if spec.watch_layers else None
        self.history: list[dict[str, Any]] = []
        self.lowest, self.best = Lowest(), join(self.theta, self.buffers)
        self.spent: Seconds | None = None  # by the loop, when it is not running
        self.compile_seconds = 0.0  # of the network's start and the first evaluation; the loop counts its own

    def go(self) -> Fitted:
        """Train to the end, from the last checkpoint if there is one."""
        before = self._restore()
        if before is None:
            self._evaluate(join(self.theta, self.buffers), 0)
            self.compile_seconds = time.perf_counter() - self.begun
        done = before is not None and (self._stalled() or before.steps >= self.steps)
        self.spent = None
        outcome = before if done and before is not None else self._loop(before)
        self.spent = outcome.seconds
        if self.run:
            self._save(outcome.state, outcome.steps)
        if outcome.stopped == "interrupted":
            how = (
                f"gradiens resume {self.run.folder} goes on"
                if self.run
                else "with an output folder it could be resumed"
            )
            raise Interrupted(f"stopped by {outcome.says} of {self.steps}", how)
        if outcome.stopped == "nan":
            raise Failure(
                f"training diverged: {outcome.says}", f"try a smaller step size (lr {self._lr():g} now) or a clip of 1"
            )
        return self._finish(outcome)

    def _lr(self) -> float:
        return float(getattr(self.training.descent.optimizer, "lr", float("nan")))

    def _loop(self, before: Outcome | None) -> Outcome:
        return iterate(
            self.training, self.theta, self.buffers, steps=self.steps, feed=self.batches, record=nothing, keep=None,
            every=self.pause, between=self._between, resume=before, name="training", quiet=self.quiet,
        )  # fmt: skip

    def _between(self, state: Any, t: int, numbers: dict[str, float]) -> bool:
        if t % self.pause == 0 or t == self.steps:
            self._evaluate(join(solution(state.optimizer, state.theta), state.buffers), t)
            numbers |= {name: value for name, value in self.history[-1].items() if name.startswith("val")}
        if self.run and time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
            self._save(state, t)
        return t % self.every == 0 and self._stalled()

    def _stalled(self) -> bool:
        """Whether the validation loss has not become better for `patience` epochs; never without validation rows."""
        if not len(self.prepared.val):
            return False
        last = self.history[-1]["step"] if self.history else 0
        return self.lowest.waited(last, self.spec.patience * self.every)

    def _evaluate(self, theta: Any, t: int) -> None:
        """`theta`: all that training has moved, running averages too."""
        model, data = join(theta, self.rest), self.prepared
        rows = spread(len(data.train), max(len(data.val), 1000))
        seen = jax.tree.map(lambda a: a[rows], (data.train.x, data.train.y))
        told = {"step": t, "epoch": t // self.every, "train_loss": self.evaluate(model, *seen)[1]}
        loss = -t  # without validation rows the last weights are kept
        if len(data.val):
            prediction, loss = self.evaluate(model, data.val.x, data.val.y)
            told |= {"val_loss": loss, f"val_{headline(data.task)}": score_one(data, prediction)}
        if self.watch is not None:
            told["layers"] = self.watch(model)
        self.history.append({**told, "seconds": round(time.perf_counter() - self.begun, 3)})
        if self.lowest.lower(loss, t):
            self.best = jax.device_put(theta, may_alias=False)

    def _save(self, state: Any, t: int) -> None:
        assert self.run is not None
        self.saved_at = time.perf_counter()
        compiled, ran = self.spent or Seconds(0.0, time.perf_counter() - self.begun - self.compile_seconds)
        total = time.perf_counter() - self.begun
        seconds = {"start": self.compile_seconds, "compile": compiled, "run": ran, "total": total}
        best = {"step": self.lowest.at, "loss": self.lowest.loss}
        extra = {"best": best, "history": self.history, "seconds": seconds}
        self.run.write_metrics(self.history)
        save_tensors(self.run.folder / "checkpoints" / "best.safetensors", self.best, {"step": self.lowest.at})
        self.run.save_checkpoint(t, {"state": state, "best": self.best}, extra)

    def _restore(self) -> Outcome | None:
        if self.run is None:
            return None
        state = jax.eval_shape(self.training.init, self.theta, self.buffers)
        template = {"state": state, "best": join(self.theta, self.buffers)}
        found = self.run.load_checkpoint(template)
        if found is None:
            return None
        step, tree, extra, wrong = found
        for line in wrong:
            print(line, file=sys.stderr)
        if tree is None:
            print("no checkpoint is whole: the run starts again from its first step", file=sys.stderr)
            return None
        self.lowest, self.best = Lowest(extra["best"]["loss"], extra["best"]["step"]), tree["best"]
        self.history, seconds = extra["history"], extra["seconds"]
        self.compile_seconds = seconds["start"]
        self.begun -= seconds["total"]  # the clock goes on where it stood
        self.spent = Seconds(seconds["compile"], seconds["run"])
        return Outcome(tree["state"], step, seconds=self.spent)

    def _finish(self, outcome: Outcome) -> Fitted:
        spec, prepared = self.spec, self.prepared
        model, folder = join(self.best, self.rest), self.run.folder if self.run else None
        fitted = Fitted(model, spec, prepared.preprocessing, history=self.history, folder=folder)
        if folder:
            fitted.save(folder / "model.safetensors")  # first: a failure in judging does not lose it
        tested, judged = self._judged(model)
        stalled = f"no better validation loss for {spec.patience} epochs"
        summary = {
            "task": prepared.task, "target": prepared.target, "classes": list(prepared.classes), "card": prepared.card,
            "parameters": count(model), "steps": outcome.steps, "epochs": outcome.steps // self.every,
            "best_step": self.lowest.at, "stopped": stalled if self._stalled() else f"all {self.epochs} epochs done",
            **judged, "seconds": self._seconds(outcome),
        }  # fmt: skip
        if self.run:
            save_tensors(self.run.folder / "test.safetensors", tested, {})
            self.run.write_summary(summary)
        return dataclasses.replace(fitted, summary=summary, tested=tested)

    def _judged(self, model: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """The test rows with their predictions, and the scores and the comparison on them; nothing where there are none."""
        prepared = self.prepared
        if not len(prepared.test):
            return {}, {"test": {}, "intervals": {}, "coefficients": {}, "baselines": {}, "comparison": {}}
        y, prediction = in_units(prepared, self.evaluate(model, prepared.test.x, prepared.test.y)[0])
        of = prepared.task, y, prediction
        with working("judging on the test rows"):
            told = {"test": score(*of), "intervals": intervals(*of, self.spec.seed)}
            told["coefficients"] = coefficients(prepared)
        judged = {**told, **judge(prepared, y, prediction, self.spec.seed)}
        tested = {"y": y, "prediction": prediction, **kept_pictures(prepared)}
        if isinstance(prepared.test.x, np.ndarray) and prepared.test.x.shape[1:] == (2,):
            tested["x"] = prepared.test.x  # for a picture of the plane
        return tested, judged

    def _seconds(self, outcome: Outcome) -> dict[str, float]:
        compiled = self.compile_seconds + outcome.seconds.compile
        total = time.perf_counter() - self.begun
        return {
            name: round(s, 3) for name, s in (("compile", compiled), ("train", outcome.seconds.run), ("total", total))
        }


def epochs_of(spec: Spec, steps_per_epoch: int) -> int:
    """The epochs of the spec, or as many as the size of the data asks for."""
    return spec.epochs or int(np.clip(-(-ENOUGH_STEPS // steps_per_epoch), 10, 400))


def make_descent(spec: Spec, cost: Any, steps: int) -> Descent:
    """The descent that the spec asks for, over `steps` steps."""
    kind = find(spec.schedule, "schedule").what
    schedule = None if spec.schedule == "constant" else kind(steps=steps)  # a factor of 1 needs no program of its own
    if spec.accumulate == 1:
        return Descent(cost, spec.make_optimizer(), schedule, spec.clip, aux=True)
    return Descent(cost, accumulated(spec.make_optimizer(), spec.accumulate, spec.clip or None), schedule, aux=True)


def extras(spec: Spec) -> tuple[Any, Any]:
    """What a spec adds to the cost: the augmentation and the penalty, None for none."""
    return augmentation(spec.augment) if spec.augment else None, make_penalty(spec)


def on_device(*arrays: Any) -> Any:
    """The arrays on the device; few rows with room behind them, which no index of a minibatch reaches."""
    n = len(jax.tree.leaves(arrays)[0])
    more = room(n) - n if n <= FEW else 0
    pad = lambda a: np.concatenate([a, np.repeat(a[-1:], more, axis=0)]) if more else a  # noqa: E731
    return jax.device_put(jax.tree.map(pad, arrays))


def nothing(state: Any, info: Any) -> None:
    """What the trace of training keeps: the evaluations between the chunks are its history."""


def in_units(prepared: Prepared, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Test targets and predictions as they are scored: codes and probabilities, or numbers in the target's unit."""
    y = prepared.test.y
    if prepared.task != "number":
        return y, prediction
    return tuple(np.asarray(prepared.preprocessing.decode_target(a), np.float64) for a in (y, prediction))  # pyright: ignore


def score_one(prepared: Prepared, prediction: np.ndarray) -> float:
    """The headline metric on the validation rows; for a number in the target's unit."""
    y = prepared.val.y
    if prepared.task != "number":
        return float(np.mean(decide(prepared.task, prediction) == y))
    decode = prepared.preprocessing.decode_target
    return float(np.sqrt(np.mean((np.asarray(decode(y)) - np.asarray(decode(prediction))) ** 2)))
