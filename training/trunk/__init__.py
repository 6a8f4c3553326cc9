"""The trunk of features that know photographs, and the decoders on it."""
