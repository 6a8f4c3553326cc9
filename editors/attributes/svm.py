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
    """The normal [w_dim] of the boundary between the codes [n, w_dim] with high and with low labels, C = 1.

    Raises:
        EditorError: scikit-learn is not installed.
    """
    try:
        from sklearn.svm import SVC, LinearSVC
    except ImportError:
        raise EditorError("The SVM needs scikit-learn: pip install “facet-editors[svm]”. Or choose ridge.") from None
    chosen = extremes(labels)
    x, y = w[chosen].double().numpy(), is_yes(labels)[chosen].numpy()
    few = len(x) <= MOST_OF_SVC
    machine = SVC(kernel="linear", C=1.0) if few else LinearSVC(C=1.0, random_state=0, max_iter=5000)
    return torch.from_numpy(machine.fit(x, y).coef_[0].copy())


def extremes(labels: Tensor) -> Tensor:
    """Indices to learn from: all of two-valued labels, else the highest and lowest `RATIO` of them."""
    if len(labels.unique()) <= 2:
        return torch.arange(len(labels))
    count = min(max(FEWEST, int(RATIO * len(labels))), len(labels) // 2)
    order = torch.argsort(labels, stable=True)
    return torch.cat([order[:count], order[-count:]])
