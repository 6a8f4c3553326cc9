"""The whole app as a ZeroGPU Space runs it: `python app.py`, with the real `spaces` package and a loopback device API.

usage: python -m tests.zero.space FOLDER LOAN_SECONDS
"""

from __future__ import annotations

import sys

from tests.zero.fake_zero import install

install(sys.argv[1])

from registry.execution import zero_gpu  # noqa: E402

zero_gpu.ZERO_GPU_SECONDS, zero_gpu._MARGIN = float(sys.argv[2]), 0.25  # so that short edits need several loans

import app  # noqa: E402

if __name__ == "__main__":
    app.main([])
