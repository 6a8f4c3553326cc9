"""What the browser is sent of a widget."""

import json

from surfaces.page.widgets import Widget


def test_a_widget_sends_plain_json_whatever_its_options_are_called():
    """What is not plain is copied, with all that hangs on it, at every visit of the page: that once took seconds."""
    options = {"groups": [{"title": "Here", "options": [["puppets", "Puppets", ""]]}], "function": "x", "value": 1}
    config = Widget("generators", options, "puppets").get_config()
    assert json.loads(json.dumps(config))["value"] == "puppets"
    assert not {"function", "options"} & set(config)
