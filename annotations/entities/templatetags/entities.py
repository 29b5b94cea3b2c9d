"""Template filters for entities: their trends, and links of their identifiers."""

from collections.abc import Mapping
from urllib.parse import quote

from django import template
from django.utils.safestring import SafeString

from annotations.entities.models import Identifier
from annotations.linkers.identifiers import ADDRESSES, URI

register = template.Library()


@register.filter
def identifier_address(identifier: Identifier) -> str:
    """Where the identifier is explained, over http(s); empty if its scheme is not known."""
    if identifier.scheme == URI:
        return identifier.value if identifier.value.startswith(("http://", "https://")) else ""
    pattern = ADDRESSES.get(identifier.scheme, "")
    return pattern.format(quote(identifier.value, safe="/:()_,.-")) if pattern else ""


@register.filter
def trend(pictures: Mapping[int, SafeString], entity: int) -> SafeString:
    """The picture of an entity's mentions: `{{ trends|trend:entity.pk }}`."""
    return pictures.get(entity, SafeString())
