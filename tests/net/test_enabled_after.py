"""Enabledness kept up from firing to firing is the enabledness of the whole net."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.net.strategies import any_nets, workflow_nets
from workflows.net import Marking, Net, enabled_after, enabled_transitions, fire


@given(net=any_nets() | workflow_nets(), data=st.data())
def test_looking_next_to_what_a_firing_changed_finds_what_looking_everywhere_finds(
    net: Net, data: st.DataObject
) -> None:
    marking = net.initial or Marking({net.places[0].key: 1})
    enabled = set(enabled_transitions(net, marking))
    for _ in range(12):
        if not enabled:
            return
        fired = data.draw(st.sampled_from(sorted(enabled)))
        marking = fire(net, marking, fired)
        changed = {*net.inputs(fired), *net.outputs(fired), *net.resets(fired)}
        enabled = enabled_after(net, marking, before=enabled, changed=changed)
        assert enabled == set(enabled_transitions(net, marking))


@given(net=any_nets() | workflow_nets(), data=st.data())
def test_from_an_empty_net_the_marked_places_are_all_there_is_to_look_at(
    net: Net, data: st.DataObject
) -> None:
    tokens = st.dictionaries(st.sampled_from([p.key for p in net.places]), st.integers(1, 3))
    marking = Marking(data.draw(tokens))
    needless = {t.key for t in net.transitions if not net.needs(t.key)}

    enabled = enabled_after(net, marking, before=needless, changed=marking)

    assert enabled == set(enabled_transitions(net, marking))
