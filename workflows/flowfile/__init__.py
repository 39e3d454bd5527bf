"""The flow file: a flow as YAML or JSON text, in and out, without loss.

Knows nothing of Django. What an expression means is checked at publishing; here it is only text.
"""

from .emit import write
from .mapping import to_mapping
from .problems import FlowFileError, FlowFileProblem
from .reading import from_mapping, problems, read
from .scenariotext import scenarios_of

__all__ = [
    "FlowFileError",
    "FlowFileProblem",
    "from_mapping",
    "problems",
    "read",
    "scenarios_of",
    "to_mapping",
    "write",
]
