"""The work list of a person: what they may act on now, a page at a time.

However many items there are, a page reads about as many as it shows. Each way in which an item can
reach the person (claimed by them, offered by name, offered to one of their groups) is a branch that
an index gives in the list's order; each branch stops when it has a page, and the best of them are
the page. `WorkItemQuerySet.actionable_by` says the same of single items.
"""

from .lists import MOST_COUNTED, WorkList
from .reach import Reach, reach_of

__all__ = ["MOST_COUNTED", "Reach", "WorkList", "reach_of"]
