"""Calls to other systems over HTTP: only to where a deployer lets them go.

The address that is checked is the address that is connected to; redirects are not followed, and
proxies of the environment are not asked.
"""

from .circuit import CircuitBreaker
from .client import Client, Limits, Request, Response, default_client
from .errors import CircuitOpen, OutboundError, Refused, Unavailable
from .policy import Policy, policy_from_settings

__all__ = [
    "CircuitBreaker",
    "CircuitOpen",
    "Client",
    "Limits",
    "OutboundError",
    "Policy",
    "Refused",
    "Request",
    "Response",
    "Unavailable",
    "default_client",
    "policy_from_settings",
]
