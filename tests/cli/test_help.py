"""What an editor's `--help` shows, and in which order."""

import re

import pytest

from registry.plugins.loader import load_registry
from surfaces.cli.options import editor_parser


@pytest.fixture(scope="module")
def specs():
    return list(load_registry())


def test_options_come_first_and_one_line_on_weights_last(specs):
    assert specs
    for spec in specs:
        lines = editor_parser(spec).format_help().strip().splitlines()
        assert lines[0].startswith(f"usage: facet {spec.id} ")
        first = next(index for index, line in enumerate(lines) if line in ("inputs:", "options:"))
        assert first <= 6, f"{spec.id}: {first} lines before the first option"
        weights = [index for index, line in enumerate(lines) if line.startswith("Weights:")]
        assert weights == ([len(lines) - 1] if spec.nets else []), spec.id


def test_the_line_on_weights_counts_what_is_here_and_what_is_not(specs):
    text = editor_parser(next(spec for spec in specs if spec.id == "drag")).format_help()
    (line,) = [line for line in text.splitlines() if line.startswith("Weights:")]
    found = re.fullmatch(
        r"Weights: (\d+) networks are here, (\d+) are downloaded when first used \((\d+) of them non-commercial\); "
        r"see “facet weights list”\.",
        line,
    )
    here, absent, bound = map(int, found.groups())
    spec = next(spec for spec in specs if spec.id == "drag")
    assert here + absent == len(spec.nets)
    assert here >= sum(net.sources[0].embedded for net in spec.nets)
    assert 0 < bound < absent


def test_the_name_as_python_has_it_is_taken_but_not_told(specs):
    parser = editor_parser(next(spec for spec in specs if spec.id == "drag"))
    assert parser.parse(["--learning_rate", "0.01"]).learning_rate == "0.01"
    assert parser.parse(["--first_guess"]).first_guess == parser.parse(["--first-guess"]).first_guess
    assert "_rate" not in parser.format_help()


def test_the_whole_help_of_drag_fits_two_screens(cli):
    assert len(cli("drag", "--help").out.splitlines()) <= 100


def test_version(cli):
    ran = cli("--version")
    assert ran.code == 0
    assert re.fullmatch(r"Facet (\d+\.\d+\.\d+|uninstalled) \(Python 3\.\d+\.\d+, torch \d\S+\)\n", ran.out)


def test_a_terminal_that_lacks_our_letters_gets_a_mark_instead(process):
    ran = process("app.py", "drag", "--help", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.code, ran.err) == (0, "")
    assert "Weights: " in ran.out
