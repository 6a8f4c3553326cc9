"""Every editor as an HTTP endpoint and MCP tool: the same inputs, the same run, no page."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from gradio.components.api_component import Api
from gradio.data_classes import FileData

from registry.errors import EditorError
from registry.execution import run
from registry.plugins import REQUIRED, EditorSpec, Input, Registry, Result
from surfaces.page.answered import answer, film
from surfaces.page.arguments import IMPORT, arguments, describe, is_needed
from surfaces.page.controls import received
from surfaces.page.sent_in import FILE, import_artifact
from surfaces.page.slim import ENDPOINTS
from surfaces.page.visitors import asking
from surfaces.settings import FRAMES_PER_SECOND, RUN


class Field(Api):
    """An argument of an endpoint: its JSON schema and default. It is not judged here but by the declaration."""

    def __init__(self, value: Any, _api_info: dict[str, Any], label: str) -> None:
        super().__init__(value, _api_info, label)

    def get_block_name(self) -> str:
        """Gradio's name for a component that has no place on the page."""
        return "api"

    def example_payload(self) -> Any:
        """The default, or a stand-in of the right type."""
        return self.value if self.value is not None else _EXAMPLES.get(str(self._api_info.get("type")))

    def example_value(self) -> Any:
        """As `example_payload`."""
        return self.example_payload()


_EXAMPLES: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}


def field(entry: Input) -> Field:
    """The argument for a declared input."""
    default = None if entry.default is REQUIRED or entry.default is None else entry.kind.record(entry.default)
    return Field(default, schema(entry), entry.label)


def schema(entry: Input) -> dict[str, Any]:
    """The JSON schema of an argument. No minimum or enum: a wrong value gets our sentence, not a validator's."""
    found = entry.kind.schema()
    if found.get("format") == "file":
        found = file_schema()
    return found | {"additional_description": describe(entry)}


def file_schema() -> dict[str, Any]:
    """The JSON schema of an uploaded file, as Gradio's clients know it."""
    found = FileData.model_json_schema()
    found["title"] = "FileData"
    found.pop("description", None)
    return found


def add_endpoints(registry: Registry) -> None:
    """An endpoint ``/<id>`` for each editor, with shared hidden outputs, and the one that takes artifacts."""
    with gr.Group(visible=False, elem_id=ENDPOINTS):
        button = gr.Button("Run")
        outputs = [
            gr.File(label="picture", visible=False),
            gr.JSON(label="recipe", visible=False),
            gr.JSON(label="measured", visible=False),
        ]
        film_file = gr.File(label="film", visible=False)
        for spec in registry:
            button.click(
                endpoint(spec),
                [field(entry) for entry in arguments(spec)],
                [*outputs, film_file] if spec.film else outputs,
                api_name=spec.id,
                api_description=None,
                show_progress="hidden",
                **RUN,
            )
        button.click(
            import_artifact,
            [Field(None, file_schema() | {"additional_description": FILE}, "file")],
            [gr.JSON(label="artifact", visible=False)],
            api_name=IMPORT,
            api_description=None,
            show_progress="hidden",
            concurrency_id=IMPORT,
            concurrency_limit=2,
        )


def endpoint(spec: EditorSpec) -> Callable[..., Iterator[tuple[Any, ...]]]:
    """The function behind an editor's endpoint; its signature and docstring are what clients and MCP see."""
    films = bool(spec.film)

    def call(*raw: Any) -> Iterator[tuple[Any, ...]]:
        sent = zip(arguments(spec), raw, strict=True)
        shown = 0.0
        try:
            values = {entry.name: received(entry, value) for entry, value in sent if value is not None}
            with closing(run(spec, values, visitor=asking().visitor)) as events:
                for event in events:
                    if isinstance(event, Result):
                        yield answer(event) + ((film(event),) if films else ())
                    elif time.monotonic() - shown >= 1 / FRAMES_PER_SECOND:
                        shown = time.monotonic()  # each yield is also where the call of a vanished client ends
                        news = {"done": round(event.done, 4), "note": event.note}
                        yield (None, None, news, None) if films else (None, None, news)
        except EditorError as error:
            raise gr.Error(str(error), print_exception=False) from None

    call.__name__ = spec.id
    call.__doc__ = _docstring(spec)
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(entry) for entry in arguments(spec)]
    )
    return call


def _parameter(entry: Input) -> inspect.Parameter:
    default = inspect.Parameter.empty if is_needed(entry) else None  # the value itself is the component's
    return inspect.Parameter(entry.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)


def _docstring(spec: EditorSpec) -> str:
    lines = [spec.doc, "", "Args:"]
    lines += [f"    {entry.name}: {describe(entry)}" for entry in arguments(spec)]
    also = ", and the film, if one was made" if spec.film else ""
    lines += ["", "Returns:", f"    The picture as a PNG with its recipe, the recipe, what was measured{also}."]
    return "\n".join(lines)
