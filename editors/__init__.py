"""The built-in editors, one folder or module each. They are loaded by the registry, never imported by name."""
