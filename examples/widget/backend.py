"""The widget's back end as an application: the shop's pages, the widget's script, history, and the live channel."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from examples.widget.desk import Desk
from examples.widget.pages import Embedding, shop_page

_HERE = Path(__file__).parent


def application(desk: Desk, embedding: Embedding) -> Starlette:
    """Everything that the back end answers."""

    async def shop(request: Request) -> Response:
        return shop_page(request, "shop", embedding)

    async def pricing(request: Request) -> Response:
        return shop_page(request, "pricing", embedding)

    async def history(request: Request) -> Response:
        after = int(request.query_params.get("after", "-1"))
        messages = desk.history.after(request.path_params["id"], after)
        return JSONResponse(
            {"messages": [message._asdict() for message in messages]}, headers={"Cache-Control": "no-store"}
        )

    return Starlette(
        routes=[
            Route("/", shop),
            Route("/products/{name}", shop),
            Route("/pricing", pricing),
            Route("/api/conversations/{id}", history),
            WebSocketRoute("/ws", desk.serve),
            Mount("/widget", StaticFiles(directory=_HERE / "dist")),
            Mount("/host", StaticFiles(directory=_HERE / "host")),
        ]
    )
