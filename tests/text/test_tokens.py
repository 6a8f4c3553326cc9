"""Texts become the tokens that CLIP was trained with."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from editors.text_direction.reading import repaired, tokens_of
from nets.clip import Tokenizer, described, tokens_from_contents
from nets.clip.prompts import sentences
from nets.clip.tokens import TOKEN_OF, TooLong, words
from registry.errors import WeightsCorrupt
from registry.readers.contents import Tensors
from registry.readers.text_file import read_text
from tests.text.colour_clip import colour_clip
from tests.text.vocabulary import WORDS, encoded, merges_text, read, small_tokenizer

A, B, C = (TOKEN_OF[ord(letter)] for letter in "abc")


def test_known_ids():
    text = "#version: 0.2\nc a\nca t</w>\no f</w>\np h\nph o\no t\npho t\nphot o</w>\n"
    small = tokens_from_contents(read(text))
    cat, of, photo, a = 513, 514, 519, A + 256
    assert (small.begin, small.end) == (520, 521)
    assert small.ids("  A   PHOTO\tof a\ncat ") == [520, a, photo, of, a, cat, 521]
    assert small.ids("cats") == [520, 512, TOKEN_OF[ord("t")], TOKEN_OF[ord("s")] + 256, 521]
    assert small.ids("") == [520, 521]


def test_each_word_that_was_learned_is_one_token(tokenizer):
    ids = [tokenizer.ids(word) for word in WORDS]
    assert all(len(one) == 3 for one in ids)
    assert len({one[1] for one in ids}) == len(WORDS)
    assert (
        len(tokenizer.ids("é")) == len(tokenizer.ids("👋")) == 3
    )  # bytes above 127, and one without a sign of its own


OWN = [byte for byte in range(256) if chr(byte).isprintable() and byte != 32]
REST = [byte for byte in range(256) if byte not in OWN]
SIGN = {byte: chr(byte) for byte in OWN} | {byte: chr(256 + number) for number, byte in enumerate(REST)}


@pytest.fixture(scope="module")
def vocabulary():
    """The token of each id, as the text of merges writes it."""
    signs = [SIGN[byte] for byte in [*OWN, *REST]]
    lines = merges_text().splitlines()[1:]
    return [*signs, *(sign + "</w>" for sign in signs), *(line.replace(" ", "") for line in lines)]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=12) | st.sampled_from(["red greenish faces", "It's a café 👋👋!", "’s blue-green colour 42"]))
def test_it_is_plain_byte_pair_encoding(tokenizer, vocabulary, text):
    text = text.encode("utf-8", "replace").decode()
    merges = [tuple(line.split(" ")) for line in merges_text().splitlines()[1:]]
    wanted = [token for word in words(text) for token in encoded([SIGN[byte] for byte in word.encode()], merges)]
    assert [vocabulary[token] for token in tokenizer.ids(text)[1:-1]] == wanted


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("“It’s”", ['"', "it", "'s", '"']),
        ("caf&eacute;", ["café"]),
        ("e\u0301", ["é"]),
        ("schÃ¶n â€œred\u201d", ["schön", '"', "red", '"']),
        ("ﬁne ＡＢＣ", ["fine", "abc"]),
        ("a &lt;b&gt; &amp;amp; c", ["a", "<", "b", ">", "&", "c"]),
        ("<i>&rsquo;s", ["<", "i", ">’", "s"]),  # beside a tag, entities are resolved after quotes are made straight
        ("a\x00b\ufeff\x1f", ["ab"]),
        ("&nbsp;red\u2028face", ["red", "face"]),
        ("12½ Ⅷ", ["1", "2", "½", "ⅷ"]),
        ("'ſ İ", ["'ſ", "i", "\u0307"]),
    ],
)
def test_texts_are_repaired_as_clips_own_code_does(text, pieces):
    """Expected: ftfy, entities of HTML twice, single blanks, lower case, then CLIP's published pattern."""
    assert list(words(repaired(text))) == pieces


def test_the_editors_tokenizer_repairs_and_the_nets_takes_texts_as_they_are(tokenizer):
    ours = tokens_of(read(merges_text()))
    assert ours.ids("“caf&eacute;”") == tokenizer.ids('"café"') != tokenizer.ids("“caf&eacute;”")


def test_the_tokens_that_begin_and_end_a_text_can_be_written_in_it(tokenizer):
    assert tokenizer.ids("<|startoftext|>red<|EndOfText|>")[1::2][:2] == [tokenizer.begin, tokenizer.end]
    assert tokenizer.ids("red<|endoftext|> face").count(tokenizer.end) == 2


def test_words():
    assert list(words("She'll say: don't!' 12²")) == ["she", "'ll", "say", ":", "don", "'t", "!'", "1", "2", "²"]
    assert list(words("'Don")) == ["'d", "on"]  # as the published pattern has it


def test_merges_are_taken_in_their_order():
    small = Tokenizer([(A, B + 256), (A, A), (513, A), (A, B)])  # ab at a word's end, aa, aaa, ab inside
    assert small.ids("ab") == [small.begin, 512, small.end]
    assert small.ids("aaa") == [small.begin, 513, A + 256, small.end]
    assert small.ids("aaab") == [small.begin, 513, 512, small.end]
    assert small.ids("aaac") == [small.begin, 514, C + 256, small.end]
    assert small.ids("abc") == [small.begin, 515, C + 256, small.end]


def test_rows_are_filled_up_and_a_long_text_is_refused(tokenizer):
    rows = tokenizer(["a cat", "cat " * 75])
    assert rows.shape == (2, 77)
    assert rows[0].tolist() == tokenizer.ids("a cat") + [0] * 73
    assert len(tokenizer.ids("a cat")) == 4
    assert rows[1, 76] == tokenizer.end
    with pytest.raises(TooLong, match="has 76 tokens, the most is 75"):
        tokenizer(["cat " * 76])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "begins with “#version: 0.2”"),
        ("c a\nca t</w>\n", "begins with “#version: 0.2”"),
        ("#version: 0.21\nc a\n", "begins with “#version: 0.2”"),
        ("#version: 0.2\n", "it has no merges"),
        ("#version: 0.2\nc a\nca", "line 3 of its merges is not two tokens"),
        ("#version: 0.2\nc a\n\nca t</w>\n", "line 3 of its merges is not two tokens"),
        ("#version: 0.2\nc a t\n", "line 2 of its merges is not two tokens"),
        ("#version: 0.2\nca t</w>\nc a\n", "line 2 of its merges is not two tokens"),
        ("#version: 0.2\r\nc a\r\n", "begins with"),
        ("#version: 0.2\nc a\nc a\n", "line 3 of its merges makes a token that is already there"),
    ],
)
def test_what_is_no_list_of_merges_is_refused(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        tokens_from_contents(read(text))


def test_what_is_no_text_is_refused():
    with pytest.raises(ValueError, match="it is no text"):
        tokens_from_contents(Tensors({"": {"merges": torch.zeros(3, 2)}}, {}, "safetensors"))


@pytest.mark.parametrize("merges", [[(1, 2), (1, 2)], [(512, 1)], [(-1, 1)]])
def test_impossible_merges_are_refused(merges):
    with pytest.raises(ValueError, match="merge"):
        Tokenizer(merges)


def test_a_file_of_text_is_read_whole_or_refused(tmp_path):
    file = tmp_path / "merges.txt"
    file.write_bytes(merges_text().encode())
    assert tokens_from_contents(read_text(file)).ids("red") == small_tokenizer().ids("red")
    file.write_bytes(b"#version: 0.2\nc \xff\n")
    with pytest.raises(WeightsCorrupt, match=r"merges.txt cannot be read: it is no text in UTF-8 from byte 16"):
        read_text(file)
    with file.open("wb") as opened:
        opened.truncate((16 << 20) + 1)
    with pytest.raises(WeightsCorrupt, match="too large"):
        read_text(file)
    with pytest.raises(WeightsCorrupt, match="No such file"):
        read_text(tmp_path / "nothing.txt")


def test_sentences_have_one_article():
    some = sentences("the old face")
    assert "a photo of an old face." in some
    assert "the old face" in some
    assert not any("the the" in one or "a an" in one for one in some)
    assert len(set(some)) == len(some) > 20
    assert "a photo of a the." in sentences("the")


def test_a_description_is_the_mean_of_its_sentences(tokenizer):
    clip = colour_clip(tokenizer)
    red, face = (described(clip, tokenizer, text) for text in ("red face", "a face"))
    assert torch.argmax((red - face).abs()) == 1
    assert red.norm().item() == pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match=f"514 tokens, where the network knows {tokenizer.end + 1}"):
        described(clip, Tokenizer([]), "face")
