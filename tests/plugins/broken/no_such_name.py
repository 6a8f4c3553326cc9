"""Imports a name that Facet never had."""

from facet import Slidder  # noqa: F401
