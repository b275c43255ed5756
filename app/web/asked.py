"""Which list of cases an address asks for: read from its query, checked, and written into links and forms."""

from dataclasses import dataclass, field, fields, replace
from typing import cast, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Request

from app.errors import BadInput
from app.filters import Filters, Sort, View
from app.web.pages import is_fragment

LONGEST = 200  # characters of one value
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class Asked:
    """`view` is empty where the reader left the choice to us."""

    view: str = ""
    sort: Sort = "urgency"
    filters: Filters = field(default_factory=Filters)
    before: str = ""

    @property
    def pairs(self) -> dict[str, str]:
        """What an address or a form says to ask for this again; what is usual is left out."""
        said = {"view": self.view, "sort": "" if self.sort == "urgency" else self.sort, **self.filters.on}
        return {name: value for name, value in {**said, "before": self.before}.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.pairs)

    def at(self, **changes: str) -> str:
        """The query with another view, sort or page; a new list begins at its first page."""
        return replace(self, **({"before": ""} | changes)).query  # type: ignore[arg-type]

    def without(self, *names: str) -> str:
        """The query without these filters; without any, where none is named."""
        kept = replace(self.filters, **dict.fromkeys(names, "")) if names else Filters()
        return replace(self, filters=kept, before="").query

    def seen_as(self, view: View) -> "Asked":
        return replace(self, view=view)


def asked(request: Request) -> Asked:
    """Of a page; of a part of a page, which list the page around it shows."""
    query = str(request.url.query)
    if is_fragment(request) and "view=" not in query:
        query = urlsplit(request.headers.get("hx-current-url", "")).query
    return read(dict(parse_qsl(query)))


def read(values: dict[str, str]) -> Asked:
    values = {name: value.strip().replace("\0", "") for name, value in values.items()}
    names = [one.name for one in fields(Filters)]
    if any(len(values.get(name, "")) > LONGEST for name in names):
        raise BadInput("This filter is not valid.")
    sort = values.get("sort") or "urgency"
    if sort not in SORTS:
        raise BadInput("There is no such order.")
    view = values.get("view", "")
    if view:
        view_of(view)
    filters = Filters(**{name: values[name] for name in names if name in values})
    return Asked(view, sort, filters, values.get("before", ""))


def view_of(name: str) -> View:
    if name not in get_args(View):
        raise BadInput("There is no such list.")
    return cast(View, name)
