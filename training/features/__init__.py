"""The features learned from puppets and drawn textures."""
