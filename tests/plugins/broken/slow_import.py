"""Takes for ever to import."""

import time

for _ in range(10_000):
    time.sleep(0.01)
