"""A gallery of nets, each drawn beside its definition: (p) is a place, [t] a transition.

`net` reads one line a transition: `name: inputs -> outputs`, then, each after a semicolon, `read`,
`inhibit` and `reset` with their places. `3*p` weighs 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.net import Arc, ArcKind, Marking, Net, Place, Transition

_KINDS = {"read": ArcKind.READ, "inhibit": ArcKind.INHIBITOR, "reset": ArcKind.RESET}


def net(*lines: str, initial: Mapping[str, int] | None = None, key: str = "net") -> Net:
    """Return the net of these lines; places come in the order in which they are named."""
    arcs: list[Arc] = []
    transitions = []
    for line in lines:
        transition, _, rest = line.partition(":")
        flow, *clauses = rest.split(";")
        inputs, _, outputs = flow.partition("->")
        transitions.append(Transition(transition))
        arcs += _arcs(transition, ArcKind.INPUT, inputs)
        arcs += _arcs(transition, ArcKind.OUTPUT, outputs)
        for clause in clauses:
            word, *places = clause.split()
            arcs += _arcs(transition, _KINDS[word], " ".join(places))
    places = dict.fromkeys([arc.place for arc in arcs] + list(initial or ()))
    return Net(
        key=key,
        places=tuple(Place(place) for place in places),
        transitions=tuple(transitions),
        arcs=tuple(arcs),
        initial=None if initial is None else Marking(initial),
    )


def _arcs(transition: str, kind: ArcKind, places: str) -> Iterator[Arc]:
    for word in places.split():
        weight, _, place = word.rpartition("*")
        yield Arc(place, transition, kind, int(weight or 1))


def sequence() -> Net:
    """(i) -> [a] -> (p) -> [b] -> (o)"""
    return net("a: i -> p", "b: p -> o")


def parallel() -> Net:
    """Two branches, split and joined.

                 .-> (p) -> [a] -> (q) -.
    (i) -> [fork]                        [join] -> (o)
                 '-> (r) -> [b] -> (s) -'
    """
    return net("fork: i -> p r", "a: p -> q", "b: r -> s", "join: q s -> o")


def and_split_xor_join() -> Net:
    """Two branches, each of which ends the case: the other is left over.

                 .-> (p) -> [a] -.
    (i) -> [fork]                 (o)
                 '-> (q) -> [b] -'
    """
    return net("fork: i -> p q", "a: p -> o", "b: q -> o")


def xor_split_and_join() -> Net:
    """A choice between two branches that are joined as if both had run.

        .-> [a] -> (p) -.
    (i)                  [join] -> (o)
        '-> [b] -> (q) -'
    """
    return net("a: i -> p", "b: i -> q", "join: p q -> o")


def endless_circle() -> Net:
    """One choice leads into a circle whose exit needs a token that the other choice has.

    (i) -> [straight] -> (x) -> [finish] -> (o)
      '-> [enter] -> (p) -> [go] -> (q) -> [back] -> (p);  (q) + (x) -> [leave] -> (o)
    """
    return net(
        "straight: i -> x",
        "finish: x -> o",
        "enter: i -> p",
        "go: p -> q",
        "back: q -> p",
        "leave: q x -> o",
    )


def piling_up() -> Net:
    """Every round of `again` leaves a token more in (q).

    (i) -> [a] -> (p) -> [b] -> (o)
                 (p) -> [again] -> (p) + (q);  (q) -> [c] -> (o)
    """
    return net("a: i -> p", "again: p -> p q", "b: p -> o", "c: q -> o")


def with_a_dead_step() -> Net:
    """[never] needs (p) and (q), of which a case marks one only.

    (i) -> [a] -> (p) -> [c] -> (o);  (i) -> [b] -> (q) -> [d] -> (o);  (p) + (q) -> [never] -> (o)
    """
    return net("a: i -> p", "b: i -> q", "c: p -> o", "d: q -> o", "never: p q -> o")


def not_free_choice() -> Net:
    """The first choice decides the second, through (x) and (y): sound, though not free-choice.

    (i) -> [a] -> (p) + (x);  (i) -> [b] -> (p) + (y);  (p) -> [m] -> (q)
    (q) + (x) -> [c] -> (o);  (q) + (y) -> [d] -> (o)
    """
    return net("a: i -> p x", "b: i -> p y", "m: p -> q", "c: q x -> o", "d: q y -> o")


def withdrawal() -> Net:
    """A review that the requester may cut short: [withdraw] empties every place of the review.

    (i) -> [submit] -> (open) + (review)
    (open) + (review) -> [approve] -> (o);  (review) -> [ask] -> (asked) -> [answer] -> (review)
    (open) -> [withdraw] -> (o), and empties (review) and (asked)
    """
    return net(
        "submit: i -> open review",
        "approve: open review -> o",
        "ask: review -> asked",
        "answer: asked -> review",
        "withdraw: open -> o; reset review asked",
    )


def sound_but_unbounded() -> Net:
    """Any number of notes, all thrown away at the end: sound, though (notes) has no bound.

    (i) -> [begin] -> (p) -> [note] -> (p) + (notes);  (p) -> [end] -> (o), and empties (notes)
    """
    return net("begin: i -> p", "note: p -> p notes", "end: p -> o; reset notes")


def milestone() -> Net:
    """[cancel] may fire only before [ship]; it looks at (paid) and leaves it.

    (i) -> [start] -> (a) + (b);  (a) -> [pay] -> (paid);  (b) -> [keep] -> (done)
    (b), with a token in (paid) -> [cancel] -> (done);  (paid) + (done) -> [ship] -> (o)
    """
    return net(
        "start: i -> a b",
        "pay: a -> paid",
        "keep: b -> done",
        "cancel: b -> done; read paid",
        "ship: paid done -> o",
    )


def batch() -> Net:
    """Three pieces, one after another; [all] waits for the third. Weights and an inhibitor arc.

    (i) -> [cut] -3-> (piece) -> [work] -> (ready) -3-> [all] -> (o); [work] only if (busy) is empty
    """
    return net(
        "cut: i -> 3*piece",
        "take: piece -> busy; inhibit busy",
        "work: busy -> ready",
        "all: 3*ready -> o",
    )


def philosophers() -> Net:
    """Two philosophers who take the left fork first. The net has an initial marking of its own."""
    return net(
        "left1: think1 fork1 -> hungry1",
        "right1: hungry1 fork2 -> eat1",
        "done1: eat1 -> think1 fork1 fork2",
        "left2: think2 fork2 -> hungry2",
        "right2: hungry2 fork1 -> eat2",
        "done2: eat2 -> think2 fork1 fork2",
        initial={"think1": 1, "think2": 1, "fork1": 1, "fork2": 1},
    )


def mutual_exclusion() -> Net:
    """Two who share one key. The net has an initial marking of its own, and never stops."""
    return net(
        "in1: out1 key -> in1_",
        "leave1: in1_ -> out1 key",
        "in2: out2 key -> in2_",
        "leave2: in2_ -> out2 key",
        initial={"out1": 1, "out2": 1, "key": 1},
    )


def complaint() -> Net:
    """The handling of a complaint, after van der Aalst (1998): sound.

    Each complaint is registered; a questionnaire goes out, and comes back or times out; beside it
    the complaint is evaluated, and processed or not; processing waits for the questionnaire and is
    checked, once or again.
    """
    return net(
        "register: i -> c1 c2",
        "send_questionnaire: c1 -> c3",
        "process_questionnaire: c3 -> c5",
        "time_out: c3 -> c5",
        "evaluate: c2 -> c4",
        "no_processing: c4 c5 -> c10",
        "processing_required: c4 -> c6",
        "process_complaint: c6 -> c7; read c5",
        "check_processing: c7 -> c8",
        "processing_nok: c8 -> c6",
        "processing_ok: c8 c5 -> c10",
        "archive: c10 -> o",
    )


def wide(branches: int) -> Net:
    """`branches` branches of two steps side by side: 3 to their power markings, and two more."""
    return net(
        "fork: i -> " + " ".join(f"p{n}" for n in range(branches)),
        *(f"a{n}: p{n} -> q{n}" for n in range(branches)),
        *(f"b{n}: q{n} -> r{n}" for n in range(branches)),
        "join: " + " ".join(f"r{n}" for n in range(branches)) + " -> o",
    )


def with_titles(net: Net, titles: Mapping[str, str]) -> Net:
    """Return the net with these titles."""
    return Net(
        net.key,
        tuple(Place(p.key, titles.get(p.key, p.title), p.position) for p in net.places),
        tuple(Transition(t.key, titles.get(t.key, t.title), t.position) for t in net.transitions),
        net.arcs,
        net.initial,
    )
