"""A host of models that speak by a script: OpenAI's protocol on a free port of loopback. By chance,
with a seed, it is slow, refuses, breaks off, or falls silent."""

import asyncio
import json
import random

MODELS = ["red", "green", "blue"]
WORDS = "The capital of France is Paris, which lies on the Seine and has many bridges.".split()
FAULTS = {"refuse": 0.03, "busy": 0.02, "cut": 0.03, "hang": 0.01, "garbage": 0.01}
HANG_SECONDS = 3


class Engine:
    def __init__(self, seed, faults=True, token_seconds=0.002):
        self._random = random.Random(seed)
        self._faults = faults
        self._token_seconds = token_seconds
        self._server = None
        self.questions = 0

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()

    async def _serve(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next((int(line.split(":")[1]) for line in head.split("\r\n")
                           if line.lower().startswith("content-length:")), 0)
            body = await reader.readexactly(length)
            if head.startswith("GET /v1/models"):
                listed = {"object": "list", "data": [{"id": name} for name in MODELS]}
                await self._whole(writer, "200 OK", listed)
            else:
                await self._answer(writer, json.loads(body))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    async def _whole(self, writer, status, value):
        text = json.dumps(value).encode()
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                     f"Content-Length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()

    def _fault(self):
        draw = self._random.random()
        for name, chance in FAULTS.items() if self._faults else ():
            if draw < chance:
                return name
            draw -= chance
        return ""

    async def _answer(self, writer, request):
        self.questions += 1
        fault = self._fault()
        if fault == "refuse":
            return await self._whole(writer, "500 Oh", {"error": {"message": "the engine died"}})
        if fault == "busy":
            return await self._whole(writer, "429 Busy", {"error": {"message": "come again"}})
        words = ["Paris"] if request.get("max_tokens", 99) < 16 else WORDS
        if self._random.random() < 0.2:
            words = ["Lyon"]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for at, word in enumerate(words):
            await asyncio.sleep(self._token_seconds)
            if fault and at == len(words) // 2:
                if fault == "cut":
                    return writer.transport.abort()
                if fault == "garbage":
                    return writer.write(b"data: {\"choices\":[\n\n")
                await asyncio.sleep(HANG_SECONDS)
            part = {"choices": [{"index": 0, "delta": {"content": (" " if at else "") + word}}]}
            writer.write(b"data: " + json.dumps(part).encode() + b"\n\n")
            await writer.drain()
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": len(words)}}
        for last in (json.dumps(end), json.dumps(usage), "[DONE]"):
            writer.write(f"data: {last}\n\n".encode())
        await writer.drain()
