"""Markings are values."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.net import Marking
from workflows.net.errors import InvalidMarking

TOKENS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5))

unpickled = pickle.loads


def test_an_unmarked_place_holds_no_token_and_is_not_listed():
    marking = Marking({"a": 2, "b": 0})

    assert marking["b"] == marking["nowhere"] == 0
    assert list(marking) == ["a"]
    assert "b" not in marking


def test_zeros_and_order_make_no_difference():
    assert Marking({"a": 1, "b": 2, "c": 0}) == Marking({"b": 2, "a": 1})
    assert hash(Marking({"a": 1, "b": 2})) == hash(Marking([("b", 2), ("a", 1)]))


def test_a_marking_equals_the_mapping_it_was_made_of():
    assert Marking({"a": 1}) == {"a": 1, "b": 0}
    assert Marking({"a": 1}) != {"a": 2}


@pytest.mark.parametrize("count", [-1, 1.0, True, "1", None])
def test_what_is_no_number_of_tokens_is_refused(count):
    with pytest.raises(InvalidMarking, match="'a'"):
        Marking({"a": count})


def test_a_marking_cannot_be_changed():
    marking = Marking({"a": 1})

    with pytest.raises(AttributeError):
        marking._tokens = {}
    with pytest.raises(TypeError):
        marking["a"] = 2  # type: ignore[index]


def test_changing_the_source_does_not_change_the_marking():
    source = {"a": 1}
    marking = Marking(source)
    source["a"] = 5

    assert marking["a"] == 1


def test_as_dict_is_sorted_and_free():
    marking = Marking({"b": 1, "a": 2})
    told = marking.as_dict()
    told["a"] = 9

    assert list(told) == ["a", "b"]
    assert marking["a"] == 2


def test_removing_more_than_there_is_is_refused():
    with pytest.raises(InvalidMarking):
        Marking({"a": 1}).remove({"a": 2})


def test_emptied_places_are_gone():
    assert Marking({"a": 3, "b": 1}).without(["a", "c"]) == {"b": 1}


def test_a_marking_reads_as_a_list_of_places():
    assert str(Marking({"b": 2, "a": 1})) == "a, 2 × b"
    assert str(Marking()) == "no token anywhere"


@given(TOKENS, TOKENS)
def test_adding_and_removing_undo_each_other(some, more):
    marking = Marking(some)

    assert marking.add(more).remove(more) == marking
    assert marking.add(more).covers(marking)


@given(TOKENS)
def test_a_marking_survives_pickling_and_copying(tokens):
    marking = Marking(tokens)

    assert unpickled(pickle.dumps(marking)) == copy.deepcopy(marking) == marking
    assert marking.total == sum(tokens.values())
