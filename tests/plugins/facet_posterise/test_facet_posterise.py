"""Facet's conformance checks, run over this plugin's editor."""

from facet.testing import Conformance

from facet_posterise import posterise


class TestPosterise(Conformance):
    editor = posterise
