"""Results on their way to files: pictures, films, and what lies beside them."""
