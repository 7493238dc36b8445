"""Traffic of every kind against one server for a while: nothing breaks, memory and files stay flat."""

import asyncio
import json
import random
import resource
import time

import client
from engine import Engine
from server import Broken, Server

QUESTION = "What is the capital of France?"
OPEN_QUESTION = "Explain in some sentences why Paris is the capital of France."
DEADLINE_MS = 4000
LATE_SECONDS = 20  # beyond a question's deadline, on a machine that does other things beside
CLIENTS = 24
IDLE_MAX = 9500  # event streams beside no traffic: as many as a server takes, less its other clients
KEPT_MAX = 50    # of them, which stay and read nothing of what the traffic brings

# Of the machine's own making: the ensemble failed, was late, refused for now, or stops.
PLANNED = {200, 202, 204, 404, 409, 422, 429, 500, 503, 504}


class Traffic:
    def __init__(self, server, seed):
        self.server = server
        self.port = server.port
        self.random = random.Random(seed)
        self.counts = {}
        self.ids = []
        self.broken = []

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def check(self, what, reply, allowed=PLANNED):
        """Counts an answer; one that nobody planned is a broken promise."""
        if reply is None:
            self.count(f"{what}: broke off")
            self.broken.append(f"{what}: no whole answer")
            return False
        self.count(f"{what} {reply.status}")
        if b"fault of kai" in reply.body:
            self.broken.append(f"{what}: {reply.body[:300]!r}")
        if reply.status not in allowed:
            self.broken.append(f"{what}: {reply.status} {reply.body[:300]!r}")
        if reply.status >= 400 and not reply.body:
            self.broken.append(f"{what}: {reply.status} without a word")
        return reply.status < 300

    async def send(self, what, method, path, body=None, accept=None, allowed=PLANNED):
        seconds = DEADLINE_MS / 1000 + LATE_SECONDS
        try:
            reply = await client.send(self.port, method, path, body, accept, seconds)
        except TimeoutError:
            self.broken.append(f"{what}: no answer after {seconds:.0f} s")
            return None
        return reply if self.check(what, reply, allowed) else None

    def chat(self, stream):
        return {"model": "kai:" + self.random.choice(["auto", "simple", "medium"]),
                "messages": [{"role": "user", "content": self.question()}],
                "stream": stream, "kai": {"deadline_ms": DEADLINE_MS}}

    def question(self):
        return self.random.choice([QUESTION, OPEN_QUESTION])

    async def openai(self):
        await self.send("openai", "POST", "/v1/chat/completions", self.chat(False))

    async def openai_stream(self):
        reply = await self.send("openai stream", "POST", "/v1/chat/completions", self.chat(True))
        if reply and b"[DONE]" not in reply.body and b'"error"' not in reply.body:
            self.broken.append(f"a stream without an end: {reply.body[-300:]!r}")

    async def responses(self):
        body = {"model": "kai", "input": self.question(), "kai": {"deadline_ms": DEADLINE_MS}}
        await self.send("responses", "POST", "/v1/responses", body)

    async def ollama(self):
        stream = self.random.random() < 0.5
        reply = await self.send("ollama", "POST", "/api/chat", self.chat(stream))
        if reply:
            last = json.loads(reply.body.splitlines()[-1])
            if not last.get("done") and "error" not in last:
                self.broken.append(f"a stream without an end: {last}")

    async def mcp(self):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "ask_ensemble", "_meta": {"progressToken": 7},
                           "arguments": {"question": QUESTION, "deadline_ms": DEADLINE_MS}}}
        await self.send("mcp", "POST", "/mcp", call, "application/json, text/event-stream")

    async def native(self):
        body = {"question": self.question(), "deadline_ms": DEADLINE_MS}
        taken = await self.send("begin", "POST", "/api/v1/queries", body)
        if not taken:
            return
        query = taken.json()["id"]
        path = f"/api/v1/queries/{query}"
        if self.random.random() < 0.2:
            await self.send("stop", "DELETE", path)
        events = await self.send("events", "GET", path + "/events")
        if events and b"query.completed" not in events.body:
            self.broken.append(f"events without an end: {events.body[-300:]!r}")
        if self.random.random() < 0.3:
            await self.send("feedback", "PUT", path + "/feedback", {"answer": "Paris"},
                            allowed=PLANNED | {400})
        self.ids = (self.ids + [query])[-100:]

    async def look(self):
        path = self.random.choice([
            "/api/v1/queries?search=paris&limit=20", "/api/v1/queries?dissent=true",
            "/api/v1/models", "/v1/models", "/api/tags", "/api/ps", "/api/v1/devices", "/metrics",
            "/api/v1/alerts", "/api/v1/metrics/history?from=-600", "/healthz", "/openapi.json"])
        await self.send("look", "GET", path)
        if self.ids:
            await self.send("document", "GET", "/api/v1/queries/" + self.random.choice(self.ids))

    async def reload(self):
        await self.send("reload", "POST", "/api/v1/reload")

    async def leave(self):
        data = client.request_bytes("POST", "/v1/chat/completions", self.chat(True))
        data = data[:self.random.randrange(1, len(data) * 3)]
        await client.hang_up(self.port, data, self.random.random() * 0.05)
        self.count("left")

    async def dawdle(self):
        data = client.request_bytes("POST", "/api/chat", self.chat(True))
        await client.read_slowly(self.port, data, 0.05, self.random.randrange(40))
        self.count("read slowly")

    async def nonsense(self):
        data = self.random.choice([
            self.random.randbytes(200), b"GET / HTTP/9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
            b"POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{]}",
            b"GET /api/v1/alerts HTTP/1.1\r\nHost: evil.example\r\n\r\n"])
        await client.hang_up(self.port, data, self.random.random() * 0.02)
        self.count("nonsense")

    async def client_until(self, end):
        kinds = [self.openai, self.openai_stream, self.responses, self.ollama, self.mcp,
                 self.native, self.look, self.look, self.leave, self.dawdle, self.nonsense]
        while time.monotonic() < end and not self.broken:
            await self.random.choice(kinds)()
            if self.random.random() < 0.01:
                await self.reload()


def slope(samples):
    """KiB a second, of least squares."""
    times, values = zip(*samples)
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    over = sum((t - middle) * (v - mean) for t, v in samples)
    under = sum((t - middle) ** 2 for t in times)
    return over / under if under else 0.0


async def watch(server, samples, end):
    begun = time.monotonic()
    while time.monotonic() < end:
        if not server.lives():
            raise Broken(f"the server died\n{server.log()}")
        samples.append((time.monotonic() - begun, server.resident_kib(), server.files_open()))
        await asyncio.sleep(1)


async def settle_files(server, at_most):
    """Connections that are gone take a moment, and those to engines are kept for half a minute."""
    for _ in range(450):
        if server.files_open() <= at_most:
            return
        await asyncio.sleep(0.1)
    raise Broken(f"{server.files_open()} files are open after all clients left, {at_most} before")


def toml(port):
    hosts = "".join(f'[[engines]]\nname = "{name}"\naddress = "http://127.0.0.1:{port}/v1"\n'
                    'at_once = 16\nsilence_max = "1s"\nlook_every = "2s"\n'
                    for name in ("one", "two"))
    return hosts + "[serve]\nquestions_max = 8\nwaiting_max = 64\nconnections_max = 10000\n"


async def run(options):
    engine = Engine(options.seed)
    server = Server(options.kai, options.worker, toml(await engine.start()))
    try:
        await server.start()
        await wait_until_ready(server)
        before = server.files_open()
        idle = await open_watchers(server, options.idle)
        for _, writer in idle[KEPT_MAX:]:
            writer.transport.abort()
        await settle_files(server, before + KEPT_MAX + 8)
        traffic = Traffic(server, options.seed)
        end = time.monotonic() + options.seconds
        samples = []
        clients = [traffic.client_until(end) for _ in range(CLIENTS)]
        watching = asyncio.create_task(watch(server, samples, end))
        await asyncio.gather(*clients)
        await watching
        for _, writer in idle[:KEPT_MAX]:
            writer.transport.abort()
        if traffic.broken:
            raise Broken("\n".join(traffic.broken[:10]) + "\n" + server.log())
        await settle_files(server, before + 8)
        report(traffic, samples, len(idle[:KEPT_MAX]), engine)
        judge(samples)
        if await server.stop() != 0:
            raise Broken(f"the server ended with an error\n{server.log()}")
    finally:
        server.remove()
        await engine.stop()


async def wait_until_ready(server):
    for _ in range(600):
        reply = await client.send(server.port, "GET", "/readyz")
        if reply and reply.status == 200:
            return
        await asyncio.sleep(0.1)
    raise Broken(f"the server was not ready within 60 s\n{server.log()}")


async def open_watchers(server, wanted):
    """As many as the limit of files allows; each has heard of where things stand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    room = (hard if hard != resource.RLIM_INFINITY else 20000) - 1000
    before = server.resident_kib()
    streams = []
    for begin in range(0, min(wanted, IDLE_MAX, room), 100):
        count = min(100, min(wanted, IDLE_MAX, room) - begin)
        opened = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", server.port)
                                        for _ in range(count)))
        for reader, writer in opened:
            writer.write(client.request_bytes("GET", "/api/v1/events"))
            streams.append((reader, writer))
    for reader, _ in streams:
        await asyncio.wait_for(reader.readuntil(b"\n\n"), 30)
    print(f"{len(streams)} idle event streams: {server.resident_kib() - before} KiB")
    return streams


def report(traffic, samples, idle, engine):
    half = samples[len(samples) // 2:]
    print(f"{sum(traffic.counts.values())} requests, {engine.questions} asks of the engine, "
          f"{idle} event streams beside")
    for what in sorted(traffic.counts):
        print(f"  {traffic.counts[what]:8}  {what}")
    print(f"resident: {samples[0][1]} KiB at first, {max(s[1] for s in samples)} KiB at most, "
          f"{samples[-1][1]} KiB at last, {slope([s[:2] for s in half]):.2f} KiB/s over the last half")
    print(f"open files: {samples[0][2]} at first, {max(s[2] for s in samples)} at most, "
          f"{samples[-1][2]} at last")


def judge(samples):
    """32 MiB of events are held for whoever comes again; a short run is one that fills them."""
    first, last = samples[0], samples[-1]
    if last[1] - first[1] > 160 * 1024:
        raise Broken(f"memory grew by {last[1] - first[1]} KiB")
    if last[0] < 600:
        return
    grown = slope([s[:2] for s in samples[len(samples) // 2:]])
    if grown > 4:
        raise Broken(f"memory grows by {grown:.2f} KiB/s in the last half")
