"""The network that drags puppets in one look."""
