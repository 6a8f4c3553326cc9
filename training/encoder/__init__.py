"""The encoder that finds codes of puppets."""
