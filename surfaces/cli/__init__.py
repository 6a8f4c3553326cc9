"""The command line: the same editors, inputs and refusals as on the page, without it. Imports no Gradio."""

from surfaces.cli.main import main

__all__ = ["main"]
