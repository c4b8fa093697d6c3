"""How long clients may hold a connection, on an event loop whose clock is set by hand."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from aiohttp.web_protocol import RequestHandler

from edge.kiosk.deadlines import Deadlines


class Loop(asyncio.SelectorEventLoop):
    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


class Connection:
    aborted = False

    def abort(self) -> None:
        self.aborted = True


class Client:
    def __init__(self, transport: Connection | None) -> None:
        self.transport = transport


def played(play: Callable[[Deadlines, Callable[[float], Any]], Any]) -> None:
    loop = Loop()

    async def after(seconds: float) -> None:
        loop.ahead += seconds
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    try:
        loop.run_until_complete(play(Deadlines(10.0), after))
    finally:
        loop.close()


def handler(client: Client) -> RequestHandler:
    return cast("RequestHandler", client)


async def late_client(deadlines: Deadlines, after: Callable[[float], Any]) -> tuple[Client, Connection]:
    """One that was let in without a connection, and has it after another client came."""
    late, connection = Client(None), Connection()
    deadlines.begin(handler(late))
    await after(2.0)
    deadlines.begin(handler(Client(Connection())))
    late.transport = connection
    return late, connection


def test_who_gets_the_connection_late_is_cut_off_in_time_all_the_same() -> None:
    async def play(deadlines: Deadlines, after: Callable[[float], Any]) -> None:
        _, connection = await late_client(deadlines, after)
        await after(7.0)
        assert not connection.aborted
        await after(2.0)
        assert connection.aborted

    played(play)


def test_who_gets_the_connection_late_may_still_stay() -> None:
    async def play(deadlines: Deadlines, after: Callable[[float], Any]) -> None:
        late, connection = await late_client(deadlines, after)
        deadlines.lift(handler(late))
        await after(60.0)
        assert not connection.aborted

    played(play)


def test_of_too_many_the_oldest_goes_at_once() -> None:
    async def play(deadlines: Deadlines, after: Callable[[float], Any]) -> None:
        clients = [Client(Connection()) for _ in range(65)]
        for client in clients:
            deadlines.begin(handler(client))
        await after(1.0)
        told = [client.transport.aborted for client in clients if client.transport]
        assert told == [True] + [False] * 64
        await after(10.0)
        assert all(client.transport.aborted for client in clients if client.transport)

    played(play)
