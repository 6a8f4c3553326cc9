"""Start here: ``python app.py`` serves the page, ``python app.py list`` and every other command go to the command line.

A Space runs this file without arguments. Nothing is decided here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """The ``facet`` command. Only serving imports Gradio."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    from surfaces.doors.outgoing import prepare

    prepare(os.environ, stay_offline="--offline" in arguments)
    arguments = [argument for argument in arguments if argument != "--offline"]  # anywhere, with every command
    if not arguments or arguments[0] == "serve":
        from surfaces.page.serve import serve

        serve(arguments[1:])
        return 0
    from surfaces.cli import main as command

    return command(arguments)


if __name__ == "__main__":
    sys.exit(main())
