"""The ways to use the registry: page, compare, command line. They import the registry, never an editor."""
