"""The official Python SDK of the Model Context Protocol against kai: over HTTP (KAI_URL), and over
standard input and output of a kai that it starts (KAI)."""
import asyncio
import os

import httpx
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

url = os.environ["KAI_URL"] + "/mcp"
france = {"question": "What is the capital of France?", "deadline_ms": 60000}


async def use(server):
    async with Client(server) as client:
        assert client.server_info.name == "kai" and "ask_ensemble" in client.instructions
        assert client.protocol_version == "2025-11-25", client.protocol_version
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask_ensemble", "ensemble_status"}, tools
        assert all(tool.annotations.read_only_hint and tool.output_schema for tool in tools.values())

        steps = []

        async def note(progress, total, message):
            steps.append((progress, total, message))

        # The client checks structured_content by the tool's output_schema.
        answer = await client.call_tool("ask_ensemble", france, progress_callback=note)
        assert not answer.is_error, answer
        assert "Paris" in answer.structured_content["answer"], answer
        assert "Paris" in answer.content[0].text and "voices agree" in answer.content[0].text
        assert answer.structured_content["voters"] >= 1
        assert len(steps) >= 2 and [step[0] for step in steps] == sorted({step[0] for step in steps})
        assert "asked" in steps[0][2], steps

        status = (await client.call_tool("ensemble_status", {})).structured_content
        assert status["ready"] and {"smollm2:135m", "gemma3:270m"} <= {m["name"] for m in status["models"]}

        for wrong, word in (({**france, "members": ["none:1b"]}, "none:1b"),
                            ({**france, "colour": "red"}, "colour"), ({"question": ""}, "question")):
            refused = await client.call_tool("ask_ensemble", wrong)
            assert refused.is_error and word in refused.content[0].text, refused

        # Who gives up is not waited for, and the next one is answered.
        asked = asyncio.create_task(client.call_tool(
            "ask_ensemble", {"question": "Explain at length how the tides come about", "tier": "simple"}))
        await asyncio.sleep(1)
        asked.cancel()
        try:
            await asked
        except asyncio.CancelledError:
            pass
        for _ in range(100):
            status = (await client.call_tool("ensemble_status", {})).structured_content
            if status["answering"] == 0:
                break
            await asyncio.sleep(0.1)
        assert status["answering"] == 0, status


def raw(body, **headers):
    return httpx.post(url, content=body, headers={"content-type": "application/json", **headers})


asyncio.run(use(url))
asyncio.run(use(StdioServerParameters(command=os.environ["KAI"], args=["mcp"], env=dict(os.environ))))

ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
assert raw(ping).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}
assert raw(f"[{ping}]").status_code == 400
assert raw(ping, **{"mcp-protocol-version": "1999-01-01"}).status_code == 400
assert raw(ping, origin="http://evil.example").status_code == 403
assert raw('{"jsonrpc":"2.0","method":"notifications/initialized"}').status_code == 202
assert httpx.get(url).status_code == 405
print("mcp ok")
