"""A generator that an edit leaves is one of the generators at once: in every list, in every editor."""

import json

import numpy as np
import pytest

from editors.latent import latent
from facet import BadInput, Context, EditorError, Subject
from facet.app import finish, load_registry, replay
from facet.stylegan import GeneratorChoice, GeneratorRef, entry_of, generator_entry, generator_nets, w_space
from nets.stylegan2.contents import from_contents
from registry.artifacts import delete, export, find, keep, rename
from registry.belongings import Guest, kept_in
from registry.generators import EMBEDDED, generators

WARM = {"warmth": 0.8}


@pytest.fixture
def registry(drop_in):
    drop_in("tinted")
    return load_registry()


@pytest.fixture
def warm(registry):
    """The kept generator, and the registry that was loaded before it was made."""
    return finish(registry.get("tinted"), WARM).artifacts[0], registry


def choices(registry):
    """Every input of every editor that chooses a generator."""
    return [
        (spec.id, entry)
        for spec in registry
        for entry in spec.inputs
        if entry.kind.describe()["kind"] == "generatorchoice"
    ]


def test_every_editor_that_takes_a_generator_offers_it_without_a_restart(registry):
    found = choices(registry)
    assert {name for name, _ in found} >= {"latent", "invert", "fit_direction", "fit_words"}
    (kept,) = finish(registry.get("tinted"), WARM).artifacts
    for _, entry in found:
        assert entry.kind.check(kept.id, "model") == kept.id
        assert kept.id in entry.kind.labels
        assert entry.kind.groups()[-1] == {
            "title": "Yours",
            "options": [[kept.id, "Warm 0.8 · Apache-2.0 · 0.0 MB", "puppets"]],
        }
        assert not any(group["title"] == "Yours" for group in entry.kind.groups(yours=False))
    rename(kept, "Sunset")
    assert found[0][1].kind.labels[kept.id].startswith("Sunset")
    delete(kept)
    with pytest.raises(BadInput, match="names a generator of yours that is not here: .*“facet yours import”"):
        found[0][1].kind.check(kept.id, "model")


def test_no_editor_hides_generators_in_a_choice_of_its_own(registry):
    """A list that was made when a module was imported would not know what edits leave."""
    known = {entry.id for entry in generators(yours=False)}
    for spec in registry:
        for entry in spec.inputs:
            said = entry.kind.describe()
            assert said["kind"] != "choice" or not known & set(said["options"]), (spec.id, entry.name)


def test_a_picture_made_with_it_goes_on_everywhere_and_replays(warm, registry):
    kept, _ = warm
    plain = finish(latent, {"model": "puppets", "seed": 3, "gallery": 1})
    made = finish(latent, {"model": kept.id, "seed": 3, "gallery": 1})
    assert made.subject.generator == GeneratorRef("puppets", kept.sha256)
    assert np.array_equal(made.subject.latent, plain.subject.latent)
    more = made.subject.pixels[..., 0].astype(int) - plain.subject.pixels[..., 0]
    assert more.mean() > 20, "it is redder"
    assert np.abs(made.subject.pixels[..., 1:].astype(int) - plain.subject.pixels[..., 1:]).max() <= 1
    assert made.recipe["inputs"]["model"] == kept.id
    again = replay(registry, [made.recipe])
    assert np.array_equal(again.subject.pixels, made.subject.pixels)
    smiling = finish(registry.get("attributes"), {"subject": made.subject, "strengths": {"smile": 0.5}})
    assert smiling.subject.generator == made.subject.generator
    mixed = finish(registry.get("latent_mix"), {"subject": made.subject})
    assert mixed.subject.generator == made.subject.generator


def test_bringing_a_picture_into_it_and_tuning_it_keeps_what_it_had(warm, registry):
    kept, _ = warm
    source = finish(latent, {"model": kept.id, "seed": 5, "gallery": 1}).subject
    values = {"subject": Subject(source.pixels), "model": kept.id, "align": "none", "start": "encoder", "steps": 2}
    untuned = finish(registry.get("invert"), {**values, "tuning": 0}).subject
    assert untuned.generator == GeneratorRef("puppets", kept.sha256)
    tuned = finish(registry.get("invert"), {**values, "tuning": 2})
    assert tuned.subject.generator.delta_sha256 not in (None, kept.sha256)
    ctx = Context(nets=generator_nets(from_contents))
    net, _ = ctx.load_generator(tuned.subject)
    plain = ctx.net("puppets")
    name = "synthesis.blocks.128.rgb.bias"
    assert float((net.state_dict()[name] - plain.state_dict()[name])[0]) == pytest.approx(0.8, abs=0.1)


def test_one_call_loads_an_id_a_picture_or_one_of_yours(warm):
    kept, _ = warm
    ctx = Context(nets=generator_nets(from_contents))
    plain, ref = ctx.load_generator("puppets")
    assert ref == GeneratorRef("puppets")
    assert plain is ctx.net("puppets")
    adapted, ref = ctx.load_generator(kept.id)
    assert ref == GeneratorRef("puppets", kept.sha256)
    made = finish(latent, {"model": kept.id, "gallery": 1}).subject
    assert ctx.load_generator(made)[0] is adapted


def test_it_has_the_space_the_framing_and_the_manners_of_its_source(warm):
    kept, _ = warm
    entry, source = generator_entry(kept.id), generator_entry("puppets")
    assert (entry.space, entry.framing, entry.drag) == ("puppets", "puppets", source.drag)
    assert source.drag["learning_rate"] > 0
    assert entry.shelf == "yours"
    assert w_space(kept.id) == "puppets"
    assert entry_of(entry.ref).id == "puppets"


def test_what_is_known_about_generators():
    known = {entry.id: entry for entry in generators(yours=False)}
    assert (known["puppets"].shelf, known["puppets"].here, known["puppets"].licence) == ("here", True, "Apache-2.0")
    assert 0.1 < known["puppets"].megabytes < 100
    assert (known["ffhq_1024"].shelf, known["ffhq_1024"].here) == ("download", False)
    assert known["ffhq_1024"].non_commercial
    assert known["nada_anime"].space == "ffhq_1024"
    assert known["nada_anime"].framing == "ffhq"
    assert known["lions_512"].framing == ""
    groups = GeneratorChoice(doc="x").groups()
    assert [group["title"] for group in groups] == ["Here", "To download"]
    assert any("non-commercial" in title for _, title, _ in groups[1]["options"])
    assert GeneratorChoice(doc="x", spaces=("puppets",)).labels.keys() == EMBEDDED.keys()
    with pytest.raises(BadInput, match="model: is a generator of lions_512. Choose one of puppets"):
        GeneratorChoice(doc="x", spaces=("puppets",)).check("lions_512", "model")


def test_a_visitor_is_offered_their_own_only(warm, registry):
    kept, _ = warm
    kind = choices(registry)[0][1].kind
    with kept_in(Guest().belongings):
        assert kept.id not in kind.labels
        with pytest.raises(BadInput, match="not here"):
            kind.check(kept.id, "model")
        (mine,) = finish(registry.get("tinted"), {"warmth": 0.1}).artifacts
        assert mine.id in kind.labels
    assert mine.id not in kind.labels


def test_what_all_visitors_read_names_nobodys(warm, registry):
    kept, _ = warm
    kind = choices(registry)[0][1].kind
    for text in (kind.limits(), kind.takes(), json.dumps(kind.schema())):
        assert kept.sha256[:16] not in text
        assert "Warm" not in text


def test_one_that_was_adapted_from_an_adapted_one_contains_both(warm):
    from facet import Artifact
    from registry.artifacts import load_delta

    kept, _ = warm
    ctx = Context(nets=generator_nets(from_contents))
    net, ref = ctx.load_generator(kept.id)
    name = "synthesis.blocks.128.rgb.bias"
    change = {name: 0.5 * net.state_dict()[name].new_ones(3)}
    both = keep(Artifact("generator", "Both", change, ref))
    assert load_delta(both.sha256)[name].tolist() == pytest.approx([1.3, 0.5, 0.5])
    assert both.generator == "puppets"


def test_one_whose_source_nobody_knows_is_kept_and_not_offered(warm):
    from dataclasses import replace

    from registry.artifacts.keeping import _write
    from registry.artifacts.shelf import tensors_of

    kept, _ = warm
    _write(replace(kept, generator="gone_512"), tensors_of(kept.path)[1])
    assert find(kept.id).generator == "gone_512"
    assert generator_entry(kept.id) is None


def test_a_damaged_one_ends_in_a_sentence(registry):
    (kept,) = finish(registry.get("tinted"), {"warmth": -0.375}).artifacts  # no other test has it in memory
    content = bytearray(kept.path.read_bytes())
    content[-1] ^= 1
    kept.path.write_bytes(content)
    with pytest.raises(EditorError, match="is damaged"):
        finish(latent, {"model": kept.id, "gallery": 1})


def test_the_command_line(registry, cli, tmp_path, monkeypatch, facet_home):
    assert cli("yours", "list").out.startswith("Nothing yet.")
    ran = cli("tinted", "--warmth", "0.8", "-o", tmp_path / "a.png")
    assert (ran.code, ran.out) == (0, f"{tmp_path / 'a.png'}\n")
    assert "Everything is warmer.\n“Warm 0.8” is kept as yours:" in ran.err
    (row,) = json.loads(cli("yours", "list", "--json").out)
    assert (row["kind"], row["name"], row["generator"]) == ("generator", "Warm 0.8", "puppets")
    assert row["recipe"]["editor"] == "tinted"
    assert "Warm 0.8" in cli("yours", "list").out
    assert row["id"] in cli("latent", "--help").out
    listed = json.loads(cli("list", "--json").out)
    (spec,) = [each for each in listed["editors"] if each["id"] == "latent"]
    (model,) = [each for each in spec["inputs"] if each["name"] == "model"]
    assert row["id"] in model["options"]
    ran = cli("latent", "--model", row["id"][:14], "--gallery", 1, "-o", tmp_path / "b.png")
    assert ran.code == 0, ran.err
    assert cli("yours", "rename", "warm 0.8", "Sunset").code == 0
    out = tmp_path / "sunset.safetensors"
    ran = cli("yours", "export", "Sunset", "-o", out, "--json")
    assert json.loads(ran.out)["out"] == str(out)
    assert cli("yours", "delete", row["id"]).code == 0
    assert cli("yours", "list").out.startswith("Nothing yet.")
    ran = cli("latent", "--model", row["id"], "-o", tmp_path / "c.png")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    monkeypatch.setenv("FACET_HOME", str(tmp_path / "fresh"))
    assert json.loads(cli("yours", "import", out, "--json").out)["sha256"] == row["sha256"]
    ran = cli("replay", tmp_path / "b.png", "-o", tmp_path / "d.png")
    assert ran.code == 0, ran.err
    assert np.array_equal(Subject.read(tmp_path / "b.png").pixels, Subject.read(tmp_path / "d.png").pixels)


def test_the_command_line_says_what_could_not_be_kept(registry, cli, tmp_path, monkeypatch):
    monkeypatch.setenv("FACET_YOURS_MB", "0.0001")
    ran = cli("tinted", "-o", tmp_path / "a.png")
    assert (ran.code, "there is no more room" in ran.err, "is kept as" in ran.err) == (0, True, False)
    labels = tmp_path / "labels.csv"
    labels.write_text("seed,label\n" + "\n".join(f"{seed},{seed % 2}" for seed in range(8)))
    ran = cli("direction", "fit", "--name", "wide", "--samples", labels)
    assert (ran.code, "there is no more room" in ran.err, "is a slider" in ran.out) == (1, True, False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rename", "nothing", "x"), "which: nothing of yours is called “nothing”"),
        (("delete", "yours:ffffffff"), "which: nothing of yours"),
        (("export", "nothing"), "which: nothing of yours"),
        (("import", "gone.safetensors"), "file: "),
        (("import", __file__), "file: cannot be taken: "),
        (("sell",), "ACTION: invalid choice"),
    ],
)
def test_the_command_line_refuses_in_a_sentence(cli, arguments, sentence):
    ran = cli("yours", *arguments)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert sentence in ran.err


def test_an_exported_file_has_one_ending(warm, cli, tmp_path):
    ran = cli("yours", "export", warm[0].id, "-o", tmp_path / "a.png")
    assert (ran.code, "must end in .safetensors" in ran.err) == (2, True)
    assert export(warm[0], tmp_path / "b.safetensors").is_file()
