"""Starts the shop: `python -m examples.widget --help`."""

import argparse
import socket

import uvicorn

from chatvitals.client import Client
from examples.widget.backend import application
from examples.widget.desk import Desk
from examples.widget.history import History
from examples.widget.pages import Embedding


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m examples.widget", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
    parser.add_argument("--endpoint", default="", help="where events go; nowhere if it is left out")
    parser.add_argument("--key", default="demo-key", help="the site's write key")
    parser.add_argument("--history", default=":memory:", help="an SQLite file that keeps what was said")
    parser.add_argument("--pace-ms", type=float, default=40, help="time between two words of an answer")
    told = parser.parse_args()

    embedding = Embedding(told.endpoint, told.key)
    vitals = None
    if told.endpoint:
        vitals = Client(told.endpoint, told.key, customer=embedding.customer, release=embedding.release)
    history = History(told.history)
    app = application(Desk(history, vitals, told.pace_ms / 1_000), embedding)
    listener = socket.create_server(("127.0.0.1", told.port))
    print(f"the shop is open at http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    config = uvicorn.Config(app, ws="websockets-sansio", log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])
    if vitals:
        vitals.close()
    history.close()


if __name__ == "__main__":
    main()
