"""`{% icon name="check" %}`: one icon of the sprite static/img/icons.svg, in every template.

The names are in static/img/icons.txt. A page has a hundred of them: as a template of its own each
took ten times as long.
"""

from __future__ import annotations

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(*, name: str, label: str = "", **more: str) -> SafeString:
    """Return an icon; `label` is its text for screen readers, without it the icon is decoration.
    `class` names further classes."""
    classes = " ".join(filter(None, ("icon", more.get("class"))))
    role = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="{}" width="20" height="20" {}><use href="{}#{}"></use></svg>',
        classes,
        SafeString(role),
        staticfiles_storage.url("img/icons.svg"),
        name,
    )
