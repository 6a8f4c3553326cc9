"""The judges of puppets: landmarks, parts, controls and identity read from pictures."""
