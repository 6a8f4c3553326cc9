"""The order of the editors on the page."""

from registry.plugins.loader import load_registry
from registry.plugins.spec import TASKS
from surfaces.page.groups import HEADINGS, TASK_TITLES, grouped, rail_view


def test_every_task_has_one_heading_and_a_title():
    headed = [task for own in HEADINGS.values() for task in own]
    assert sorted(headed) == sorted(TASKS)
    assert sorted(TASK_TITLES) == sorted(TASKS)


def test_every_editor_is_there_once(facet_home, monkeypatch):
    registry = load_registry()
    found = [spec.id for specs in grouped(registry).values() for spec in specs]
    assert sorted(found) == sorted(registry.editors)
    assert [row["id"] for group in rail_view(registry)["groups"] for row in group["editors"]] == found
    assert all(row["doc"] for group in rail_view(registry)["groups"] for row in group["editors"])


def test_a_task_of_a_plugin_gets_a_heading_of_its_own_at_the_end(facet_home):
    source = (
        "from collections.abc import Iterator\n\nfrom facet import Step, Subject, editor, hookimpl\n\n\n"
        '@editor("sharpened", "Sharpened", task="super_resolution")\n'
        "def sharpened(ctx, *, subject: Subject) -> Iterator[Step]:\n"
        '    """Make it sharp."""\n'
        "    yield Step(subject.image, done=1)\n\n\n"
        "@hookimpl\ndef register_editors():\n    return [sharpened]\n"
    )
    (facet_home / "editors" / "sharpened.py").write_text(source, encoding="utf-8")
    groups = grouped(load_registry())
    assert list(groups)[-1] == "Super resolution"
    assert [spec.id for spec in groups["Super resolution"]] == ["sharpened"]
