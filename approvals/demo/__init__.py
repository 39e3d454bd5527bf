"""The demo company: people, flows, and a few requests that show the portal at work."""

from .company import create_company
from .flows import publish_flows
from .samples import create_samples

__all__ = ["create_company", "create_samples", "publish_flows"]
