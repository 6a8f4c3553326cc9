"""A picture with a code, made once."""

import pytest

from editors.latent import latent
from facet import Subject
from facet.app import finish


@pytest.fixture(scope="session")
def portrait() -> Subject:
    return finish(latent, {"model": "puppets", "seed": 11, "gallery": 1}, threads=1).subject


@pytest.fixture(scope="session")
def other() -> Subject:
    return finish(latent, {"model": "puppets", "seed": 23, "gallery": 1}, threads=1).subject
