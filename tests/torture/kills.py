"""kai and its workers killed at any moment, again and again: the store opens, what was acknowledged is
there, nothing is left behind."""

import asyncio
import os
import pathlib
import random
import signal
import sqlite3
import time

import client
import traffic
from engine import Engine
from server import Broken, Server

ORPHAN_SECONDS = 10
QUESTION = "What is the capital of France?"


class Ledger:
    """What the server has acknowledged: documents that it told, and feedback that it took."""

    def __init__(self):
        self.documents = {}
        self.feedback = set()


async def ask(server, ledger, random_, models):
    """Asks until the server is gone."""
    try:
        body = {"question": QUESTION, "deadline_ms": 20000}
        if models:
            body["members"] = [random_.choice(models)]
        while True:
            taken = await client.send(server.port, "POST", "/api/v1/queries", body)
            if taken is None:
                return
            if taken.status != 202:
                await asyncio.sleep(0.05)
                continue
            path = "/api/v1/queries/" + taken.json()["id"]
            if await client.send(server.port, "GET", path + "/events") is None:
                return
            document = await client.send(server.port, "GET", path)
            if document is None:
                return
            told = document.json()
            if document.status == 200 and told.get("error", {}) in (None, {}):
                ledger.documents[told["id"]] = told["text"]
                said = await client.send(server.port, "PUT", path + "/feedback",
                                         {"answer": "Paris"})
                if said is not None and said.status == 200:
                    ledger.feedback.add(told["id"])
    except (ConnectionError, TimeoutError, OSError):
        return


def look_into_store(server, ledger):
    """With SQLite itself, while no kai has it open."""
    file = server.folder / "data" / "kai.db"
    if not file.exists() and not ledger.documents:
        return  # it was killed before there was one
    with sqlite3.connect(file) as store:
        word = store.execute("PRAGMA integrity_check").fetchone()[0]
        if store.execute("PRAGMA user_version").fetchone()[0] == 0 and not ledger.documents:
            return  # before it had its tables
        rows = {row[0]: row[1:] for row in store.execute(
            "SELECT id, ending, answer, feedback FROM questions")}
    store.close()
    if word != "ok":
        raise Broken(f"integrity_check says {word}")
    for query, text in ledger.documents.items():
        ending, answer, _ = rows.get(query, ("missing", "", ""))
        if ending != "answered" or answer != text:
            raise Broken(f"{query} was told as answered and is {ending}")
    for query in ledger.feedback:
        if not rows[query][2]:
            raise Broken(f"the feedback on {query} was taken and is gone")


def lives(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


async def no_orphans(pids):
    until = time.monotonic() + ORPHAN_SECONDS
    while any(lives(pid) for pid in pids):
        if time.monotonic() > until:
            raise Broken(f"workers live on {ORPHAN_SECONDS} s after kai was killed")
        await asyncio.sleep(0.02)


async def kill_servers(options, models):
    """Each time while some questions are asked, at a moment by chance."""
    random_ = random.Random(options.seed)
    engine = Engine(options.seed, faults=False, token_seconds=0.001)
    real = bool(models)
    server = Server(options.kai, options.worker,
                    "" if real else traffic.toml(await engine.start()), models and options.models)
    ledger = Ledger()
    times = options.kills if not real else max(options.kills // 20, 3)
    try:
        for _ in range(times):
            await server.start()
            asking = [asyncio.create_task(ask(server, ledger, random_, models)) for _ in range(4)]
            await asyncio.sleep(random_.random() * (8 if real else 0.6))
            if not server.lives():
                raise Broken(f"the server died by itself\n{server.log()}")
            workers = server.children()
            server.kill()
            await no_orphans(workers)
            await asyncio.gather(*asking)
            look_into_store(server, ledger)
        print(f"{times} kills of kai{' with real models' if real else ''}: "
              f"{len(ledger.documents)} answers and {len(ledger.feedback)} feedbacks "
              "acknowledged, all there; every integrity_check ok")
    finally:
        server.remove()
        if not real:
            await engine.stop()


async def kill_workers(options, models):
    """The server goes on: every question ends in time, and in the end it answers again."""
    random_ = random.Random(options.seed + 1)
    times = max(options.kills // 10, 3)
    server = Server(options.kai, options.worker, "", options.models)
    ends = {}
    killed = 0
    try:
        await server.start()
        await traffic.wait_until_ready(server)
        while killed < times:
            body = {"question": QUESTION, "deadline_ms": 15000}
            asking = asyncio.create_task(
                client.send(server.port, "POST", "/v1/chat/completions",
                            {"model": "kai:medium", "kai": {"deadline_ms": body["deadline_ms"]},
                             "messages": [{"role": "user", "content": QUESTION}]}, seconds=60))
            await asyncio.sleep(random_.random() * 1.5)
            for pid in random_.sample(server.children(), min(1, len(server.children()))):
                try:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
            reply = await asking
            if reply is None:
                raise Broken(f"no answer while workers were killed\n{server.log()}")
            ends[reply.status] = ends.get(reply.status, 0) + 1
            if reply.status not in traffic.PLANNED:
                raise Broken(f"{reply.status}: {reply.body[:300]!r}")
        if not server.lives():
            raise Broken(f"the server died with its workers\n{server.log()}")
        await answers_again(server)
        print(f"{killed} kills of workers: "
              + ", ".join(f"{count} x {status}" for status, count in sorted(ends.items())))
    finally:
        server.remove()


async def answers_again(server):
    """What kills its worker too often rests for some time."""
    until = time.monotonic() + 180
    while time.monotonic() < until:
        reply = await client.send(server.port, "POST", "/v1/chat/completions",
                                  {"model": "kai:simple", "messages": [
                                      {"role": "user", "content": QUESTION}]}, seconds=60)
        if reply is not None and reply.status == 200:
            return
        await asyncio.sleep(1)
    raise Broken("no question was answered within 180 s of the last kill")


async def run(options):
    await kill_servers(options, [])
    models = sorted(path.name for path in options.models.glob("*.gguf")) if options.models else []
    if not models:
        print("kills of workers: left out, there are no model files; `make setup` fetches some")
        return
    await kill_servers(options, ["smollm2:135m"])
    await kill_workers(options, models)
