"""What an editor is, and how editors are found: declarations, hooks, loading, faults."""

from registry.plugins.faults import faults_of, note_fault
from registry.plugins.hookspecs import hookimpl
from registry.plugins.known import SPECS, register_spec
from registry.plugins.loader import PluginRow, Registry, load_registry
from registry.plugins.signature import REQUIRED, Input
from registry.plugins.spec import API_VERSION, RESERVED_IDS, EditorSpec, editor
from registry.plugins.steps import Preview, Result, Step, Variant
from registry.plugins.weights import catalogue, state, verify_local
from registry.plugins.widgets import PageWidget

__all__ = [
    "API_VERSION",
    "EditorSpec",
    "Input",
    "PageWidget",
    "PluginRow",
    "Preview",
    "REQUIRED",
    "RESERVED_IDS",
    "Registry",
    "Result",
    "SPECS",
    "Step",
    "Variant",
    "catalogue",
    "editor",
    "faults_of",
    "hookimpl",
    "register_spec",
    "load_registry",
    "note_fault",
    "state",
    "verify_local",
]
