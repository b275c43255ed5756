"""For mediators and coordinators: the glossary, with where a term stands; for coordinators, how good the machine is."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app import quality, terms
from app.errors import BadInput, Conflict, HubError
from app.mediating import check_mediates
from app.web.deps import LeadDep, StaffDep, Tx
from app.web.i18n import texts
from app.web.numbers import whole
from app.web.pages import reader_language, render

router = APIRouter(prefix="/mediation", include_in_schema=False)


@router.get("/glossary")
async def glossary_page(request: Request, tx: Tx, user: StaffDep, of: str = "") -> Response:
    """`of`: the term that was just changed, whose uses are reported."""
    check_mediates(user)
    return await _page(request, tx, of=of)


@router.post("/glossary")
async def save(request: Request, tx: Tx, user: StaffDep) -> Response:
    form = await request.form()
    words = {code: " ".join(str(form.get(code, "")).split()) for code in ("de", *terms.LANGUAGES)}
    try:
        async with tx.begin_nested():
            term = await terms.save(
                tx, user, words,
                seen_version=whole(form.get("version"), digits=9) or 0,
                deleted=bool(form.get("delete")),
            )  # fmt: skip
    except (BadInput, Conflict) as error:
        return await _page(request, tx, written=words, error=error)
    return RedirectResponse(f"/mediation/glossary?{urlencode({'of': term.de})}", status_code=303)


@router.get("/quality")
async def quality_page(request: Request, tx: Tx, user: LeadDep) -> Response:
    return render(request, "mediation/quality.html", pairs=await quality.pairs(tx))


async def _page(
    request: Request,
    tx: AsyncSession,
    *,
    of: str = "",
    written: dict[str, str] | None = None,
    error: HubError | None = None,
) -> Response:
    return render(
        request,
        "mediation/glossary.html",
        status=error.status if error else 200,
        kept=await terms.all_terms(tx),
        of=of,
        uses=await terms.uses_of(tx, of) if of else None,
        written=written or {},
        problem=texts(reader_language(request)).say(error.message, error.detail) if error else "",
        languages=terms.LANGUAGES,
    )
