"""The description of the API, made once a process: it says nothing of who asks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView

_made: dict[str, HttpResponse] = {}


class ApiDescription(SpectacularAPIView):
    """As the library makes it: that takes longer than any page of the portal."""

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        # A language or a version that is asked for is made anew: what is kept has to be bounded.
        if request.query_params:
            return super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        kind = request.accepted_renderer.media_type
        if kind not in _made:
            made: Any = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
            _made[kind] = self.finalize_response(request, made).render()
        kept = _made[kind]
        return HttpResponse(kept.content, headers=dict(kept.items()))
