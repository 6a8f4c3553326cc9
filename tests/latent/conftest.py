"""Pictures with codes of the embedded generator, made once, and the generator."""

import pytest

from editors.latent import GENERATORS, latent
from facet import Context, Subject
from facet.app import finish


@pytest.fixture(scope="session")
def portraits() -> list[Subject]:
    return [
        finish(latent, {"model": "puppets", "seed": seed, "gallery": 1, "truncation_psi": 1}, threads=1).subject
        for seed in (11, 23, 5)
    ]


@pytest.fixture(scope="session")
def generator():
    return Context(nets=GENERATORS).net("puppets")
