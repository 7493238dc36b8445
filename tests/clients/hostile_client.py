"""Broken and hostile clients against a running kai (KAI_URL), on raw sockets. Whatever they do, a
good client beside them is answered. The form of each refusal: src/api/hostile_test.cpp."""
import json
import os
import select
import socket
import time
import urllib.parse
import urllib.request

URL = os.environ["KAI_URL"]
AT = urllib.parse.urlsplit(URL)


def connect():
    return socket.create_connection((AT.hostname, AT.port), timeout=20)


def read_all(sock):
    said = b""
    try:
        while piece := sock.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def say(data):
    with connect() as sock:
        sock.sendall(data)
        return read_all(sock)


def head(path, *lines, method="POST"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def answered_at(sock, pieces):
    """Sends until there is an answer, as curl does; the answer."""
    for piece in pieces:
        if select.select([sock], [], [], 0)[0]:
            break
        sock.sendall(piece)
    return read_all(sock)


def good():
    with urllib.request.urlopen(URL + "/healthz", timeout=20) as answer:
        assert answer.status == 200


def a_hundred_megabytes():
    for path in ("/v1/chat/completions", "/api/chat"):
        with connect() as sock:
            sock.sendall(head(path, "Content-Length: 100000000"))
            said = answered_at(sock, [b" " * 1_000_000] * 100)
        assert said.startswith(b"HTTP/1.1 413 "), said[:200]
        assert said.split(b"\r\n\r\n", 1)[1].startswith(b'{"error":'), said
    # In chunks, which claim no length beforehand.
    with connect() as sock:
        sock.sendall(head("/api/chat", "Transfer-Encoding: chunked"))
        said = answered_at(sock, [b"f4240\r\n" + b" " * 1_000_000 + b"\r\n"] * 100)
        assert said.startswith(b"HTTP/1.1 413 "), said[:200]


def a_thousand_connections():
    mine = connect()  # before the others
    others = [connect() for _ in range(1000)]
    mine.sendall(head("/healthz", method="GET"))
    assert mine.recv(65536).startswith(b"HTTP/1.1 200 "), "who was there first is served"
    # Those beyond serve.connections_max are closed, and say nothing.
    closed = 0
    for sock in others[-100:]:
        sock.settimeout(5)
        closed += sock.recv(1) == b""
    assert closed == 100, closed
    for sock in [mine, *others]:
        sock.close()
    until = time.monotonic() + 10
    while True:
        try:
            return good()
        except OSError:
            assert time.monotonic() < until, "their places were not given back"
            time.sleep(0.01)


def half_closed():
    """Who has closed its sending half before it is answered counts as gone."""
    body = b'{"model":"kai:simple","messages":[{"role":"user","content":"Explain the tides at length"}]}'
    with connect() as sock:
        sock.sendall(head("/api/chat", f"Content-Length: {len(body)}") + body)
        sock.shutdown(socket.SHUT_WR)
        read_all(sock)
    until = time.monotonic() + 10
    while True:
        with urllib.request.urlopen(URL + "/api/v1/queries?ending=begun", timeout=20) as answer:
            if not json.load(answer)["queries"]:
                return
        assert time.monotonic() < until, "its question goes on"
        time.sleep(0.05)


def pipelined():
    get = head("/healthz", method="GET")
    said = say(get * 20 + head("/none", "Connection: close", method="GET"))
    assert said.count(b"HTTP/1.1 200 ") == 20 and said.count(b"HTTP/1.1 404 ") == 1, said


def nonsense():
    for data, status in (
            (head("/api/chat", "Content-Length: 1", "Content-Length: 2") + b"ab", 400),
            (head("/api/chat", "Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n", 400),
            (head("/api/chat", "Transfer-Encoding: chunked") + b"zz\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
            (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 70 + b"\r\n", 431),
            (head("/" + "a" * 40_000, method="GET"), 431)):
        said = say(data)
        assert said.startswith(f"HTTP/1.1 {status} ".encode()), (data[:80], said[:200])


def path_tricks():
    for path in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
                 "/..%2f..%2fetc%2fpasswd", "/v1/models/../../etc/passwd", "/api/v1/queries/..%2f..%2fkai.db",
                 "/healthz/", "/%00"):
        said = say(head(path, "Connection: close", method="GET"))
        assert said.startswith(b"HTTP/1.1 404 ") and b"root:" not in said, (path, said)


def slow_head():
    with connect() as sock:
        begun = time.monotonic()
        sock.sendall(b"POST /api/chat HTTP/1.1\r\nHost: loc")
        said = read_all(sock)
        assert said.startswith(b"HTTP/1.1 408 ") and b'{"error":' in said, said
        assert 5 < time.monotonic() - begun < 20


for harm in (nonsense, path_tricks, pipelined, a_hundred_megabytes, a_thousand_connections, half_closed,
             slow_head):
    harm()
    good()
    print("hostile:", harm.__name__, flush=True)
print("hostile ok")
