"""Texts become the tokens that CLIP was trained with."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nets.clip import Tokenizer, described, tokens_from_contents
from nets.clip.prompts import sentences
from nets.clip.tokens import BYTES, TOKEN_OF, TooLong, words
from registry.readers import Tensors
from tests.text.colour_clip import colour_clip

A, B, C = (TOKEN_OF[ord(letter)] for letter in "abc")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a photo of a cat", [320, 1125, 539, 320, 2368]),
        ("It's 42", [585, 568, 275, 273]),
        ("  A   PHOTO\tof a\ncat ", [320, 1125, 539, 320, 2368]),
        ("naïve cafés!!", [1097, 35689, 563, 3471, 20507, 748]),
        ("", []),
    ],
)
def test_known_ids(tokenizer, text, ids):
    assert tokenizer.ids(text) == [49406, *ids, 49407]


def test_curled_quotes_are_straight_ones(tokenizer):
    assert tokenizer.ids("it’s") == tokenizer.ids("it's")


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
    assert rows[0].tolist() == [49406, 320, 2368, 49407] + [0] * 73
    assert rows[1, 76] == 49407
    with pytest.raises(TooLong, match="has 76 tokens, the most is 75"):
        tokenizer(["cat " * 76])


@pytest.fixture(scope="module")
def vocabulary(tokenizer):
    made = [bytes([byte]) for byte in BYTES] * 2
    for one, two in tokenizer._made:
        made.append(made[one] + made[two])
    return made


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_nothing_of_any_text_is_lost(tokenizer, vocabulary, text):
    text = text.encode("utf-8", "replace").decode()
    found = b"".join(vocabulary[token] for token in tokenizer.ids(text)[1:-1]).decode()
    assert found == "".join(words(text))
    assert "".join(found.split()) == found


@pytest.mark.parametrize(
    "merges",
    [
        torch.zeros(3),
        torch.zeros(3, 2),
        torch.tensor([[1, 2], [1, 2]]),
        torch.tensor([[512, 1]]),
        torch.tensor([[-1, 1]]),
    ],
)
def test_what_is_no_vocabulary_is_refused(merges):
    with pytest.raises(ValueError, match=r"merge"):
        tokens_from_contents(Tensors({"": {"merges": merges}}, {}, "safetensors"))


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
    with pytest.raises(ValueError, match="514 tokens, where the network knows 49408"):
        described(clip, Tokenizer([]), "face")
