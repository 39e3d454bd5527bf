"""Why a call out was not made, or brought no answer."""

from __future__ import annotations

from datetime import timedelta


class OutboundError(Exception):
    """Root of these."""


class Refused(OutboundError):
    """This call is not allowed, or what came back cannot be used: another try brings the same."""


class Unavailable(OutboundError):
    """There was no answer in time. Whether the other side has acted is not known."""


class CircuitOpen(OutboundError):
    """Nothing was sent: the host has failed too often of late. `after`: when to ask again."""

    def __init__(self, host: str, after: timedelta) -> None:
        super().__init__(f"{host} has failed too often: asked again in {after.seconds} s.")
        self.after = after
