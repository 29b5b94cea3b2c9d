"""The query parameter `fields`, such as `fields=id,title`: the fields of each record in the response."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import choices
from corpusapp.core.errors import Invalid


def fields_parameter(known: Iterable[str], on_request: Sequence[str] = ()) -> OpenApiParameter:
    """The parameter of an endpoint whose records have these fields."""
    default = f"all but {', '.join(on_request)}" if on_request else "all"
    return choices("fields", f"Fields to return. Default: {default}.", [*known, *on_request])


class FieldSelection:
    """The fields that a request asks for, in the order of the records. Refuses unknown fields (`Invalid`).

    Without any, these are the `known` fields. Those `on_request` must be named.
    """

    def __init__(self, parameters: Parameters, known: Collection[str], on_request: Collection[str] = ()) -> None:
        names = parameters.words("fields")
        for name in names:
            if name not in known and name not in on_request:
                both = ", ".join((*known, *on_request))
                raise Invalid(f"there is no field {name[:60]!r}: use some of {both}", field="fields")
        self._names = frozenset(names)

    def __contains__(self, name: str) -> bool:
        """Whether a field was named."""
        return name in self._names

    def one(self, record: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in record.items() if not self._names or name in self._names}

    def all(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self.one(record) for record in records]
