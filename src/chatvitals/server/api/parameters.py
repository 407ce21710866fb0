"""Parameters of requests that aren't about events."""

from starlette.requests import Request

from chatvitals.errors import BadRequest


def refuse_others(request: Request, *known: str) -> None:
    """Raise BadRequest for a parameter that nothing reads: a misspelt filter must not pass for none."""
    for name in request.query_params:
        if name not in known:
            there = f"; known ones are {', '.join(known)}" if known else ""
            raise BadRequest(f"there is no parameter {name[:40]!r} here{there}", name[:40])
