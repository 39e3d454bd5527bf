"""Random nets: small ones of any shape, and workflow nets that are sound more often than not."""

from __future__ import annotations

from hypothesis import strategies as st

from workflows.net import Arc, ArcKind, Marking, Net, Place, Transition

KEYS = st.text("abcdefghijklmnopqrstuvwxyz_0123456789-é请", min_size=1, max_size=8)
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12).map(
    lambda text: " ".join(text.split())
)
COORDINATES = st.integers(-2_000, 2_000).map(float)
POINTS = st.tuples(COORDINATES, COORDINATES)


@st.composite
def any_nets(draw: st.DrawFn) -> Net:
    """Nets of any shape, with every kind of arc, titles, graphics and perhaps tokens."""
    keys = draw(st.lists(KEYS, min_size=2, max_size=9, unique=True))
    cut = draw(st.integers(1, len(keys) - 1))
    place_keys, transition_keys = keys[:cut], keys[cut:]
    arcs = st.builds(
        Arc,
        place=st.sampled_from(place_keys),
        transition=st.sampled_from(transition_keys),
        kind=st.sampled_from(ArcKind),
        weight=st.integers(1, 4),
        bends=st.lists(POINTS, max_size=2).map(tuple),
    )
    marking = draw(st.dictionaries(st.sampled_from(place_keys), st.integers(1, 3), max_size=3))
    return Net(
        key=draw(KEYS),
        places=tuple(Place(k, draw(TITLES), draw(st.none() | POINTS)) for k in place_keys),
        transitions=tuple(
            Transition(k, draw(TITLES), draw(st.none() | POINTS)) for k in transition_keys
        ),
        arcs=tuple(draw(st.lists(arcs, max_size=14))),
        initial=Marking(marking) if marking else None,
    )


@st.composite
def workflow_nets(draw: st.DrawFn, most_steps: int = 10) -> Net:
    """Workflow nets grown from one transition by sound refinements, then perhaps disturbed."""
    random = draw(st.randoms(use_true_random=False))
    growing = Growing(random)
    for _ in range(random.randint(1, most_steps)):
        growing.refine()
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        growing.disturb()
    return growing.net(with_all_kinds=random.random() < 0.5)


class Growing:
    """A workflow net under construction: transition -> its input and output places."""

    def __init__(self, random) -> None:
        self.random = random
        self.flow: dict[str, tuple[list[str], list[str]]] = {"t0": (["i"], ["o"])}
        self.places = ["i", "o"]

    def refine(self) -> None:
        kind = self.random.choice(["sequence", "parallel", "choice", "loop", "link"])
        key = self.random.choice(list(self.flow))
        inputs, outputs = self.flow[key]
        if kind == "sequence":
            place = self._place()
            self.flow[key] = (inputs, [place])
            self._transition([place], outputs)
        elif kind == "parallel":
            a, b, c, d = (self._place() for _ in range(4))
            self.flow[key] = ([a], [c])
            self._transition(inputs, [a, b])
            self._transition([b], [d])
            self._transition([c, d], outputs)
        elif kind == "choice":
            self._transition(inputs, outputs)
        elif kind == "loop" and self._inner():
            place, away = self.random.choice(self._inner()), self._place()
            self._transition([place], [away])
            self._transition([away], [place])
        elif kind == "link" and len(self.flow) > 1:
            one, other = self.random.sample(list(self.flow), 2)
            place = self._place()
            self.flow[one][1].append(place)
            self.flow[other][0].append(place)

    def disturb(self) -> None:
        key = self.random.choice(list(self.flow))
        inner = self._inner() or ["o"]
        inputs, outputs = self.flow[key]
        if self.random.random() < 0.4:
            outputs.append(self.random.choice([*inner, "o"]))
        elif self.random.random() < 0.5 and self._inner():
            inputs.append(self.random.choice(inner))
        elif len(outputs) > 1:
            outputs.pop()
        else:
            self._transition([self.random.choice(["i", *self._inner()])], [inner[0]])

    def net(self, *, with_all_kinds: bool) -> Net:
        arcs = []
        for key, (inputs, outputs) in self.flow.items():
            arcs += [Arc(place, key, ArcKind.INPUT) for place in inputs]
            arcs += [Arc(place, key, ArcKind.OUTPUT) for place in outputs]
            if with_all_kinds and self._inner():
                for kind in (ArcKind.READ, ArcKind.INHIBITOR, ArcKind.RESET):
                    if self.random.random() < 0.1:
                        weight = self.random.choice([1, 1, 1, 2])
                        arcs.append(Arc(self.random.choice(self._inner()), key, kind, weight))
        return Net(
            key="random",
            places=tuple(Place(place) for place in self.places),
            transitions=tuple(Transition(key) for key in self.flow),
            arcs=tuple(arcs),
        )

    def _inner(self) -> list[str]:
        return [place for place in self.places if place not in ("i", "o")]

    def _place(self) -> str:
        self.places.append(f"p{len(self.places)}")
        return self.places[-1]

    def _transition(self, inputs: list[str], outputs: list[str]) -> None:
        self.flow[f"t{len(self.flow)}"] = (list(inputs), list(outputs))
