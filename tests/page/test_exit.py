"""A process that is told to end does so, whatever its threads do."""

import subprocess
import sys

from tests.conftest import ROOT

BUSY = """
import atexit, sys, threading, time
from surfaces.page.exit import ENDED, end, leave

atexit.register(print, "tidied up")
threading.Thread(target=time.sleep, args=(600,)).start()  # Python itself would wait for it
try:
    end()
except SystemExit as ending:
    sys.stdout.write("unflushed ")
    leave(ending.code)
"""


def test_it_tidies_up_and_waits_for_no_thread():
    done = subprocess.run([sys.executable, "-c", BUSY], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (143, "unflushed tidied up\n", "")
