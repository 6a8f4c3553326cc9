"""The generator of puppets: trained, measured and written as weights with their directions."""
