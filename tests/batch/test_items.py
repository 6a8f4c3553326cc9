"""What a batch works on, and what its results are called."""

import os

import pytest

from facet import BadInput
from surfaces.batch.items import items_of_files, read_items, sharded


def names(where):
    return [item.name for item in read_items(str(where))]


def test_a_folder_with_its_folders_in_the_order_of_names(shots):
    (shots / "notes.txt").write_text("no picture")
    (shots / ".hidden.png").write_bytes(b"")
    assert names(shots) == ["more/p5", "p0", "p1", "p2", "p3", "p4"]


def test_a_pattern_and_a_single_picture(shots):
    assert names(shots / "p[12].png") == ["p1", "p2"]
    assert names(shots / "**" / "*.png") == ["more/p5", "p0", "p1", "p2", "p3", "p4"]
    assert names(shots / "p3.png") == ["p3"]


def test_pictures_that_differ_in_their_ending_alone_get_it_into_their_names(shots):
    (shots / "p1.jpg").write_bytes(b"")
    (shots / "more" / "p5.webp").write_bytes(b"")
    assert names(shots) == ["more/p5_png", "more/p5_webp", "p0", "p1_jpg", "p1_png", "p2", "p3", "p4"]


def test_all_shards_together_have_each_item_once(shots):
    items = read_items(str(shots))
    parts = [sharded(items, f"{k}/4") for k in (1, 2, 3, 4)]
    assert sorted(item.name for part in parts for item in part) == [item.name for item in items]
    assert sharded(items, "") == items


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b", "1/0", "9999999/9999999"])
def test_a_wrong_shard_is_refused(shots, shard):
    with pytest.raises(BadInput, match="shard: must be k/n"):
        sharded(read_items(str(shots)), shard)


def test_a_table_has_a_row_for_each_edit(shots):
    table = shots / "list.csv"
    table.write_text("subject,name,strength\np0.png,first,0.5\np1.png,,\nsample:portrait,deep/er,1\n")
    rows = read_items(str(table))
    assert [(row.name, dict(row.values)) for row in rows] == [
        ("first", {"strength": "0.5"}), ("2_p1", {}), ("deep/er", {"strength": "1"}),
    ]  # fmt: skip
    assert rows[0].subject == str(shots / "p0.png")
    assert rows[2].subject == "sample:portrait"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("subject\n", "has 0 rows"),
        ("subject,name\np0.png\n", "another number of fields"),
        ("subject,name\np0.png,../out\n", "a name in row 1 that is none"),
        ("subject,name\np0.png,/etc/x\n", "a name in row 1 that is none"),
        ("subject,name\np0.png,.facet-batch/x\n", "a name in row 1 that is none"),
        ("subject,name\np0.png,a\np1.png,A\n", "two results “a”"),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(shots, text, why):
    (shots / "list.csv").write_text(text)
    with pytest.raises(BadInput, match=why):
        read_items(str(shots / "list.csv"))


@pytest.mark.parametrize("where", ["", "nowhere", "nowhere/*.png", "nowhere.csv", "\0"])
def test_what_is_not_there_is_refused_in_a_sentence(where):
    with pytest.raises(BadInput, match="^in: "):
        read_items(where)


def test_pipes_are_passed_over_and_a_link_to_nothing_is_not(shots):
    os.mkfifo(shots / "pipe.png")
    (shots / "link.png").symlink_to("nowhere")
    assert names(shots) == ["link", "more/p5", "p0", "p1", "p2", "p3", "p4"]


def test_names_that_are_no_text_get_signs_that_reports_can_hold(shots):
    for name in (b"odd\xff.png", b"odd\xfe.png", b"two\nlines.png"):
        (shots / os.fsdecode(name)).write_bytes(b"")
    found = [item for item in read_items(str(shots)) if item.name.startswith(("odd", "two"))]
    assert [item.name for item in found] == ["odd__png", "odd__png-2", "two_lines"]
    assert all(os.path.exists(item.subject) for item in found)


def test_uploads_that_are_called_alike_get_numbers():
    files = [("/1", "a.png"), ("/2", "A.jpg"), ("/3", "../a.png"), ("/4", "..png"), ("/5", ""), ("/6", "x\ty.png")]
    assert [item.name for item in items_of_files(files)] == ["a", "A-2", "a-3", "picture", "picture-2", "x_y"]
