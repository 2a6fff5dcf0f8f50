"""Addresses: one text each, and a slip is noticed, with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.crypto import addresses
from chain.crypto.addresses import MalformedAddress, address_from, text_of

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@given(st.binary(min_size=32, max_size=32))
def test_an_address_is_read_back_from_its_62_characters_in_either_case(address: bytes) -> None:
    """SIG-020."""
    text = text_of(address)

    assert 62 == len(text)
    assert address == address_from(text)
    assert address == address_from(text.upper())


@given(st.binary(min_size=32, max_size=32), st.integers(4, 61), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_refused_with_its_place(
    address: bytes, place: int, character: str
) -> None:
    """SIG-022."""
    text = text_of(address)
    if text[place] == character:
        return

    with pytest.raises(MalformedAddress, match=rf"near character {place + 1}$"):
        address_from(text[:place] + character + text[place + 1 :])


@pytest.mark.parametrize("stray", range(1, 16))
def test_an_address_has_no_second_text_with_a_checksum_of_its_own(stray: int) -> None:
    """SIG-021."""
    values = [ALPHABET.index(character) for character in text_of(bytes(32))[4:-6]]
    values[-1] |= stray
    whole = [*addresses._PREFIX_VALUES, *values, *([0] * 6)]
    checksum = addresses._checksum_of(whole) ^ addresses._BECH32M
    values.extend(checksum >> 5 * (5 - place) & 31 for place in range(6))

    with pytest.raises(MalformedAddress, match="stray bits"):
        address_from("nov1" + "".join(ALPHABET[value] for value in values))


@given(
    st.binary(min_size=32, max_size=32),
    st.dictionaries(st.integers(4, 61), st.integers(1, 31), min_size=2, max_size=4),
)
def test_up_to_four_wrong_characters_are_always_noticed(
    address: bytes, slips: dict[int, int]
) -> None:
    """SIG-022."""
    characters = list(text_of(address))
    for place, step in slips.items():
        characters[place] = ALPHABET[ALPHABET.index(characters[place]) ^ step]

    with pytest.raises(MalformedAddress, match="typing slip"):
        address_from("".join(characters))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "begins with nov1"),
        ("alice", "begins with nov1"),
        ("nov1qq", "has 62 characters, this one has 6"),
        ("bc1" + "q" * 59, "begins with nov1"),
        ("nov1" + "q" * 20 + "b" + "q" * 37, "character 25, 'b', is never part"),
        ("nov1" + "q" * 20 + "İ" + "q" * 37, "all lower case or all upper case"),
        ("Nov1" + "q" * 58, "all lower case or all upper case"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, said: str) -> None:
    """SIG-021."""
    with pytest.raises(MalformedAddress, match=said):
        address_from(text)


def test_texts_are_those_of_the_specification() -> None:
    """SIG-023."""
    assert "nov1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqjcsvf4" == text_of(bytes(32))


@pytest.mark.parametrize(
    "text",
    [
        "a1lqfn3a",
        (
            "an83characterlonghumanreadablepartthatcontains"
            "thetheexcludedcharactersbioandnumber11sg7hg6"
        ),
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "?1v759aa",
    ],
)
def test_the_checksum_is_that_of_the_published_examples(text: str) -> None:
    """SIG-020, examples of BIP-350."""
    prefix, _, data = text.rpartition("1")
    expanded = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix)]

    residue = addresses._checksum_of([*expanded, *(ALPHABET.index(c) for c in data)])

    assert addresses._BECH32M == residue
