"""The published fit of InterFaceGAN (Shen et al. 2020, section 4.1): a linear support vector machine."""

from __future__ import annotations

import torch
from torch import Tensor

from facet import EditorError
from nets.directions import is_yes

RATIO = 0.02
"""Of scored samples, only so many from either end are learnt from, as in the authors' code; of yes and no, all are."""
FEWEST = 20
MOST_OF_SVC = 4000  # libsvm's time grows with the square of the samples; liblinear finds nearly the same boundary


def available() -> bool:
    """Whether scikit-learn is installed."""
    try:
        import sklearn.svm  # noqa: F401
    except ImportError:
        return False
    return True


def svm(w: Tensor, labels: Tensor) -> Tensor:
    """The normal [w_dim] of the boundary between the codes [n, w_dim] with the highest and the lowest labels, C = 1.

    As the authors' code marks them: all of the upper end yes, all of the lower end no, wherever the middle of the range
    lies. It holds back three of ten for a score; here all are learnt from, and held-out folds give the score.

    Raises:
        EditorError: scikit-learn is not installed.
    """
    low, high = extremes(labels)
    return _normal(w, torch.cat([low, high]), torch.cat([torch.zeros(len(low)), torch.ones(len(high))]))


def svm_by_middle(w: Tensor, labels: Tensor) -> Tensor:
    """The same from the same samples, but each is marked by whether its label lies above the middle of the range.

    Of a rare attribute, most of the upper end then counts as no.

    Raises:
        EditorError: scikit-learn is not installed.
    """
    chosen = torch.cat(extremes(labels))
    return _normal(w, chosen, is_yes(labels)[chosen].float())


def _normal(w: Tensor, chosen: Tensor, marks: Tensor) -> Tensor:
    try:
        from sklearn.svm import SVC, LinearSVC
    except ImportError:
        raise EditorError("The SVM needs scikit-learn: pip install “facet-editors[svm]”. Or choose ridge.") from None
    x, y = w[chosen].double().numpy(), marks.numpy()
    few = len(x) <= MOST_OF_SVC
    machine = SVC(kernel="linear", C=1.0) if few else LinearSVC(C=1.0, random_state=0, max_iter=5000)
    return torch.from_numpy(machine.fit(x, y).coef_[0].copy())


def extremes(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Indices of the samples to learn from, low and high: all of two-valued labels, else `RATIO` of them at either."""
    if len(labels.unique()) <= 2:
        yes = is_yes(labels)
        return torch.where(~yes)[0], torch.where(yes)[0]
    count = min(max(FEWEST, int(RATIO * len(labels))), len(labels) // 2)
    order = torch.argsort(labels, stable=True)
    return order[:count], order[-count:]
