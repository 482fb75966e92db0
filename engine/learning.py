"""What a category learns from the user's answers: where its cut lies, then what its photos share.

A category starts with a score s per photo: the log-odds that its words give. Two things are
learned, each only as far as the answers carry it:

- **the cut** (Platt scaling): P(belongs) = sigmoid(a·s + b). Two numbers with priors around what
  held without answers (a = 1, b = minus the default cut), so three answers move the cut a little
  and thirty move it where they say. Isotonic regression was the other choice: it is a staircase
  that fits ten answers by heart, has no cut between its steps and nothing to say beyond them.
- **a probe**: s + r·(x - mean), a direction r in the space of the vectors, added to the words'
  score. It is a logistic regression with a normal prior around r = 0, the words alone. How firm
  that prior is, infinitely firm included, is chosen by cross-validation on the answers, so the
  probe is used only where it foretells answers that it has not seen better than the words do.
  With too few answers to choose by, the prior is firm and the accepted photos only lend a hint.
  Photos without an answer stand in as weak negatives.

Pure numpy; nothing here knows of photos, models or the catalog.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.tag_types import Stage

Floats: TypeAlias = NDArray[np.float64]
Vectors: TypeAlias = NDArray[np.float32]

_SLOPE_SPREAD = 0.5  # prior of log a: one standard deviation
_SHIFT_SPREAD = 1.0  # prior of b, in log-odds

PROBE_FROM = 5
"""Accepted photos, and rejected ones, from which on the firmness is chosen by the answers..."""

PROBE_ANSWERS = 15
"""...and answers in all: about ten of them accepted."""

_FIRMNESS = (8.0, 2.0, 0.5, 0.12)  # precisions of the prior on the probe, firmest first
_FIRM = 20.0  # divided by the number of answers: what is firm enough to be believed easily
_EARLY_FIRMNESS = 2.0  # with too few answers to choose by
_EXAMPLE_FIRMNESS = 0.2  # the user named them as typical: they weigh at once
_WEAK = 200  # photos without an answer that stand in as negatives
_WEAK_WEIGHT = 0.5  # all of them together weigh this much per accepted photo
_FOLDS = 5
_STEPS = 12
_ENOUGH = 1e-6
_MOST = 300  # answers that a probe is fitted to, the newest


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned; made by `learn`.

    P(belongs) = sigmoid(slope·s' + shift), s' = s + direction·x - offset.
    """

    stage: Stage
    slope: float
    shift: float
    accepted: int = 0
    rejected: int = 0
    direction: Vectors | None = None  # (dim,)
    offset: float = 0.0
    covariance: Floats = field(
        default_factory=lambda: np.diag([_SLOPE_SPREAD**2, _SHIFT_SPREAD**2])
    )  # of log slope, shift

    @property
    def cut(self) -> float:
        """The score s' from which on a photo is more likely in than out."""
        return -self.shift / self.slope

    def scores(self, words: Floats, vectors: Vectors) -> Floats:
        """The words' log-odds (n,), corrected by the probe with the photos' vectors (n, dim)."""
        if self.direction is None:
            return words
        return words + (vectors @ self.direction - self.offset)

    def chances(self, scores: Floats) -> Floats:
        """P(belongs) of scores s'."""
        return sigmoid(self.slope * scores + self.shift)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) that never overflows."""
    half: Floats = np.tanh(0.5 * x)
    half = 0.5 * half
    return half + 0.5


def log_odds(p: float) -> float:
    """The inverse of the sigmoid, finite at 0 and 1."""
    p = min(max(p, 1e-9), 1 - 1e-9)
    return float(np.log(p / (1 - p)))


def learn(
    words: Floats,
    vectors: Vectors,
    accepted: NDArray[np.bool_],
    default_cut: float,
    others: tuple[Floats, Vectors],
    examples: tuple[Floats, Vectors] | None = None,
) -> Learned:
    """Learn from answers and example photos.

    Args:
        words: (n,) log-odds that the words give to the answered photos, newest answer last.
        vectors: (n, dim) of these photos.
        accepted: (n,) what the user said.
        default_cut: the log-odds where the cut lay before any answer.
        others: the same two of photos without an answer, drawn by chance.
        examples: the same two of photos that the user named as typical. They steer the probe
            from the first one on; the cut is for answers to tell.

    Cost: 1 ms for the cut; .2 s with a probe of 50 answers and 512 numbers.
    """
    if examples is None:
        examples = words[:0], vectors[:0]
    yes = int(np.count_nonzero(accepted))
    no = len(words) - yes
    stage = Stage.CALIBRATED if len(words) else Stage.PROMPT
    slope, shift, covariance = _platt(words, accepted, default_cut)
    plain = Learned(stage, slope, shift, yes, no, covariance=covariance)
    enough = min(yes, no) >= PROBE_FROM and len(words) >= PROBE_ANSWERS
    if not yes and not len(examples[0]):
        return plain
    newest = slice(-_MOST, None)
    probe = _Probe(
        (words[newest], vectors[newest], accepted[newest]), examples, others, default_cut
    )
    if enough:
        return probe.best(plain)
    return probe.prototype(plain, _EXAMPLE_FIRMNESS if len(examples[0]) else _EARLY_FIRMNESS)


# ---- the cut -------------------------------------------------------------------------------------


def _platt(
    scores: Floats, accepted: NDArray[np.bool_], default_cut: float, weights: Floats | None = None
) -> tuple[float, float, Floats]:
    """(slope, shift) by Newton's method on the log posterior, and the covariance around it.

    The cut is what moves: P = sigmoid(a·(s - cut0) + c) with priors log a ~ N(0, .5),
    c ~ N(0, 2); shift = c - a·cut0.
    """
    centred = scores - default_cut
    y = accepted.astype(np.float64)
    w = np.ones_like(y) if weights is None else weights
    log_a, c = 0.0, 0.0
    precision = np.array([_SLOPE_SPREAD**-2, _SHIFT_SPREAD**-2])
    hessian = np.diag(precision)

    def loss(log_a: float, c: float) -> float:
        z = np.exp(log_a) * centred + c
        fit = np.sum(w * (np.logaddexp(0, z) - y * z))
        return float(fit + 0.5 * (precision @ np.array([log_a**2, c**2])))

    at = loss(log_a, c)
    for _ in range(_STEPS):
        a = np.exp(log_a)
        p = sigmoid(a * centred + c)
        features = np.stack([a * centred, np.ones_like(centred)], 1)
        gradient = features.T @ (w * (p - y)) + precision * np.array([log_a, c])
        hessian = (features * (w * p * (1 - p))[:, None]).T @ features + np.diag(precision)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-4 and loss(log_a - size * step[0], c - size * step[1]) > at:
            size /= 2
        log_a, c = log_a - size * step[0], c - size * step[1]
        new = loss(log_a, c)
        if at - new < _ENOUGH:
            break
        at = new
    slope = float(np.exp(log_a))
    covariance: Floats = np.linalg.inv(hessian).astype(np.float64)
    return slope, float(c - slope * default_cut), covariance


# ---- the probe -----------------------------------------------------------------------------------


class _Probe:
    """Logistic regression on vectors with the words' score as its offset, in the dual form."""

    def __init__(
        self,
        answers: tuple[Floats, Vectors, NDArray[np.bool_]],
        examples: tuple[Floats, Vectors],
        others: tuple[Floats, Vectors],
        default_cut: float,
    ) -> None:
        words, vectors, accepted = answers
        other_words, other_vectors = others[0][:_WEAK], others[1][:_WEAK]
        self._n, shown = len(words), len(examples[0])
        self._cut = default_cut
        self._words = np.concatenate([words, examples[0], other_words])
        self._y = np.concatenate(
            [accepted.astype(np.float64), np.ones(shown), np.zeros(len(other_words))]
        )
        # A photo that the words are sure of is no negative: it is likely just not answered yet.
        doubt = sigmoid(default_cut - other_words)
        each = _WEAK_WEIGHT * float(accepted.sum() + shown) / max(1, len(other_words))
        self._weights = np.concatenate([np.ones(self._n + shown), each * doubt])
        known = np.concatenate([vectors, examples[1], other_vectors]).astype(np.float64)
        self._mean = (known[-len(other_vectors) :] if len(other_vectors) > 20 else known).mean(0)
        wide = known - self._mean
        self._scale = max(float(np.sqrt(np.mean(np.sum(wide**2, 1)))), 1e-6)
        self._features = wide / self._scale
        self._kernel = self._features @ self._features.T

    def prototype(self, plain: Learned, firmness: float) -> Learned:
        """Too few answers to choose by: the words' cut, turned to the examples and the accepted.

        The prior is firm, so that a handful of photos finds more and hardly ever less.
        """
        alpha, slope, _ = self._fit(np.arange(len(self._words)), firmness)
        line = (plain.slope, plain.shift)
        stage = Stage.PROBE if firmness == _EXAMPLE_FIRMNESS else plain.stage
        return replace(self._turned(plain, alpha, slope, line, plain.covariance), stage=stage)

    def best(self, plain: Learned) -> Learned:
        """The probe of the firmness that foretells best, or `plain` where none does better."""
        folds = self._folds()
        words_alone = self._losses(self._foretold(folds, None))
        chosen: tuple[float, Floats] | None = None
        least = words_alone
        for firmness in _FIRMNESS:
            foretold = self._foretold(folds, firmness)
            losses = self._losses(foretold)
            if chosen is not None and losses.mean() > least.mean():
                break  # a looser one will not do better
            gain = words_alone - losses
            # in standard errors: chance is not to pass for knowledge, the less so with a loose
            # prior and few answers, which all lie near the cut and say little of the rest
            needed = 0.5 if firmness >= _FIRM / self._n else 3.0
            enough = gain.mean() > needed * gain.std() / np.sqrt(len(gain))
            if enough and losses.mean() < least.mean():
                chosen, least = (firmness, foretold), losses
        if chosen is None:
            return plain
        return self._whole(plain, *chosen)

    def _whole(self, plain: Learned, firmness: float, foretold: Floats) -> Learned:
        """The probe of all answers, made as modest as it was right about unseen ones."""
        alpha, slope, shift = self._fit(np.arange(len(self._words)), firmness)
        again, more, covariance = _platt(foretold, self._y[: self._n] > 0.5, 0.0)
        line = (again * slope, again * shift + more)
        return self._turned(plain, alpha, slope, line, covariance)

    def _turned(
        self,
        plain: Learned,
        alpha: Floats,
        slope: float,
        line: tuple[float, float],
        covariance: Floats,
    ) -> Learned:
        direction = self._features.T @ alpha / self._scale / slope
        return Learned(
            Stage.PROBE,
            *line,
            plain.accepted,
            plain.rejected,
            direction.astype(np.float32),
            float(self._mean @ direction),
            covariance,
        )

    def _folds(self) -> list[NDArray[np.int64]]:
        """Answers in parts with as many accepted ones each; the same each time."""
        order = np.argsort(1 - self._y[: self._n], kind="stable")
        shuffled = np.random.default_rng(0).permutation
        yes = int(self._y[: self._n].sum())
        order = np.concatenate([shuffled(order[:yes]), shuffled(order[yes:])])
        return [order[part::_FOLDS] for part in range(_FOLDS)]

    def _foretold(self, folds: Sequence[NDArray[np.int64]], firmness: float | None) -> Floats:
        """Log-odds of each answer, foretold from the other folds."""
        found = np.zeros(self._n)
        for held_out in folds:
            rows = np.setdiff1d(np.arange(len(self._words)), held_out)
            if firmness is None:
                answers = rows[rows < self._n]
                slope, shift, _ = _platt(self._words[answers], self._y[answers] > 0.5, self._cut)
                found[held_out] = slope * self._words[held_out] + shift
            else:
                alpha, slope, shift = self._fit(rows, firmness)
                found[held_out] = (
                    slope * self._words[held_out] + shift + self._kernel[held_out] @ alpha
                )
        return found

    def _losses(self, foretold: Floats) -> Floats:
        return np.logaddexp(0, foretold) - self._y[: self._n] * foretold

    def _fit(self, rows: NDArray[np.int64], firmness: float) -> tuple[Floats, float, float]:
        """(alpha over all rows, slope, shift): the probe is features.T @ alpha.

        Alternates Newton steps for the probe (dual, so its size is that of the answers) with the
        two numbers of the cut, each with its prior.
        """
        kernel = self._kernel[np.ix_(rows, rows)]
        words, y, w = self._words[rows], self._y[rows], self._weights[rows]
        answers = rows < self._n
        slope, shift, _ = _platt(words[answers], y[answers] > 0.5, self._cut)
        f = np.zeros(len(rows))
        alpha = np.zeros(len(rows))
        for _ in range(_STEPS):
            z = slope * words + shift + f
            p = sigmoid(z)
            h = np.maximum(w * p * (1 - p), 1e-9)
            # Newton on f with prior K/firmness: (K + firmness/h) alpha = f + (w (y - p)) / h
            target = f + w * (y - p) / h
            alpha = np.linalg.solve(kernel + np.diag(firmness / h), target)
            new = kernel @ alpha
            moved = float(np.max(np.abs(new - f)))
            f = f + np.clip(new - f, -2, 2)
            residual = _shift_step(words, f, y, w, slope, shift, self._cut)
            shift += residual
            if moved < 1e-3 and abs(residual) < 1e-3:
                break
        whole = np.zeros(len(self._words))
        whole[rows] = alpha
        return whole, slope, shift


def _shift_step(
    words: Floats, f: Floats, y: Floats, w: Floats, slope: float, shift: float, cut: float
) -> float:
    """One Newton step for the shift alone."""
    p = sigmoid(slope * words + shift + f)
    off = shift + slope * cut
    gradient = float(np.sum(w * (p - y))) + off / _SHIFT_SPREAD**2
    curve = float(np.sum(w * p * (1 - p))) + 1 / _SHIFT_SPREAD**2
    return float(np.clip(-gradient / curve, -1, 1))
