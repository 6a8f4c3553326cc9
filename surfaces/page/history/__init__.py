"""What a visitor has made: a tree of pictures, kept on disk where it may be, and found again by a cookie."""
