"""Prints and ends the program while it is imported."""

import sys

print("Goodbye, cruel page")
sys.exit(3)
