"""``python -m surfaces.cli`` does what ``facet`` does, apart from ``serve``."""

import sys

from surfaces.cli.main import main

sys.exit(main())
