"""PNML, the exchange format of Petri nets (ISO/IEC 15909-2), for place/transition nets.

Read, beside the standard: files without a namespace, without pages, with `<value>` for `<text>`,
and the inhibitor, reset and read arcs of TAPAAL, PIPE and ProM, for which the standard has no word.
Written: the standard, and those arcs as ProM and pm4py have them. What a tool says only to itself
(`toolspecific`, final markings, fonts) is passed over; what would change the meaning and cannot be
told in a place/transition net (colours, times, capacities) is refused.
"""

from .document import MOST_BYTES
from .reading import count_nets, read, read_all
from .writing import write

__all__ = ["MOST_BYTES", "count_nets", "read", "read_all", "write"]
