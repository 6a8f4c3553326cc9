"""Needs a package that nobody has."""

import a_package_nobody_has.deeper  # noqa: F401
