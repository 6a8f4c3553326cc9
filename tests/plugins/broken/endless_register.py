"""Never ends registering."""

from facet import hookimpl


@hookimpl
def register_editors():
    while True:
        yield from ()
