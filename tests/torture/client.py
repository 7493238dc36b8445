"""HTTP as a client speaks it, and as none should. Every request has a deadline."""

import asyncio
import json


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def request_bytes(method, path, body=None, accept=None):
    text = b"" if body is None else json.dumps(body).encode()
    head = (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Length: {len(text)}\r\n")
    if accept:
        head += f"Accept: {accept}\r\n"
    return head.encode() + b"\r\n" + text


async def send(port, method, path, body=None, accept=None, seconds=30):
    """The whole answer; None: the connection was refused or broke."""
    async def exchange():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request_bytes(method, path, body, accept))
            await writer.drain()
            return parse(await reader.read(-1))
        finally:
            writer.close()
    try:
        return await asyncio.wait_for(exchange(), seconds)
    except ConnectionError:
        return None


def parse(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    if not lines[0].startswith("HTTP/1.1 "):
        return None
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if headers.get("transfer-encoding") == "chunked":
        body = unchunked(body)
        if body is None:
            return None
    return Reply(int(lines[0].split()[1]), headers, body)


def unchunked(body):
    """None: it broke off before its end."""
    whole = b""
    while True:
        size, found, body = body.partition(b"\r\n")
        if not found:
            return None
        length = int(size, 16)
        if length == 0:
            return whole
        if len(body) < length + 2:
            return None
        whole, body = whole + body[:length], body[length + 2:]


async def hang_up(port, data, pause):
    """Sends, waits, and leaves without a word: the connection is reset."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return
    writer.write(data)
    await asyncio.sleep(pause)
    writer.transport.abort()


async def read_slowly(port, data, pause, times):
    """Takes one byte at a time, then leaves."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(data)
        for _ in range(times):
            await reader.read(1)
            await asyncio.sleep(pause)
        writer.transport.abort()
    except ConnectionError:
        pass
