"""Runs every example of docs/api.md's "Clients" as it stands there, but for the address (KAI_URL). Of
programs that are no library, does with their settings what they do first, and asks a question. Node is
in KAI_NODE's bin, packages in CLIENTS."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import yaml

URL = os.environ["KAI_URL"]
CLIENTS = pathlib.Path(os.environ["CLIENTS"])
FRANCE = "What is the capital of France?"


def examples():
    """Of each heading under Clients its one block: language and text."""
    text = pathlib.Path(os.environ["API_MD"]).read_text().replace("http://127.0.0.1:11524", URL)
    part = text[text.index("\n## Clients\n"):text.index("\n## Which clients are tried")]
    found = {}
    for section in part.split("\n### ")[1:]:
        name = section.split("\n", 1)[0]
        blocks = re.findall(r"```(\w+)\n(.*?)```", section, re.S)
        assert len(blocks) == 1, (name, blocks)
        found[name] = blocks[0]
    return found


def run(words, folder):
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LLM_USER_PATH": folder}
    ran = subprocess.run(words, capture_output=True, text=True, cwd=folder, timeout=90,
                         env=environment)
    assert ran.returncode == 0 and "Paris" in ran.stdout, (words, ran.stdout, ran.stderr)


def send(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(path, data=data, method=method,
                                     headers={"Authorization": "Bearer none",
                                              "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=90) as answer:
        return answer.read().decode()


def open_webui(text, _):
    settings = dict(line.split("=", 1) for line in text.strip().splitlines())
    base = settings["OPENAI_API_BASE_URL"]
    names = [model["id"] for model in json.loads(send("GET", base + "/models"))["data"]]
    assert "kai:auto" in names and "kai:expert" in names, names
    told = send("POST", base + "/chat/completions",
                {"model": "kai:auto", "stream": True, "messages": [{"role": "user", "content": FRANCE}]})
    assert "Paris" in told and told.endswith("data: [DONE]\n\n"), told
    # What it asks behind an answer, of the chat's own model: one member answers it.
    task = "### Task:\nGenerate a title of 3 words for the chat: " + FRANCE
    title = json.loads(send("POST", base + "/chat/completions",
                            {"model": "kai:expert", "stream": False, "max_completion_tokens": 50,
                             "messages": [{"role": "user", "content": task}]}))
    assert title["choices"][0]["message"]["content"], title
    assert len(title["kai"]["members"]) == 1 and title["kai"]["tier"] == "simple", title


def continue_dev(text, _):
    model, = yaml.safe_load(text)["models"]
    assert model["provider"] == "ollama", model
    base = model["apiBase"]
    shown = json.loads(send("POST", base + "/api/show", {"name": model["model"]}))
    assert "parameters" in shown and "template" in shown, shown
    told = send("POST", base + "/api/chat",
                {"model": model["model"], "stream": True, "keep_alive": 1800, "options": {},
                 "messages": [{"role": "user", "content": FRANCE}]})
    lines = [json.loads(line) for line in told.splitlines()]
    assert "Paris" in "".join(line["message"]["content"] for line in lines), told


def vs_code(text, _):
    base, = json.loads(text).values()
    version = json.loads(send("GET", base + "/api/version"))["version"]
    assert tuple(int(part) for part in version.split(".")) >= (0, 6, 4), version
    names = [model["model"] for model in json.loads(send("GET", base + "/api/tags"))["models"]]
    shown = {name: json.loads(send("POST", base + "/api/show", {"model": name})) for name in names}
    assert "tools" in shown["kai:auto"]["capabilities"], shown
    assert all(model["model_info"] is not None for model in shown.values()), shown
    told = send("POST", base + "/v1/chat/completions",
                {"model": "kai:auto", "stream": True, "messages": [{"role": "user", "content": FRANCE}]})
    assert "Paris" in told, told


def llm(text, folder):
    pathlib.Path(folder, "extra-openai-models.yaml").write_text(text)
    run([sys.executable, "-m", "llm", "-m", "kai", FRANCE], folder)


def python(text, folder):
    pathlib.Path(folder, "example.py").write_text(text)
    run([sys.executable, "example.py"], folder)


def node(text, folder):
    pathlib.Path(folder, "example.mjs").write_text(text)
    os.symlink(CLIENTS / "node_modules", pathlib.Path(folder, "node_modules"))
    run([os.environ["KAI_NODE"] + "/bin/node", "example.mjs"], folder)


HOW = {"openai-python": python, "openai-node": node, "ollama-python": python, "ollama-js": node,
       "LangChain": python, "llm": llm, "LiteLLM": python, "The MCP SDK": python,
       "Open WebUI": open_webui, "Continue": continue_dev, "VS Code": vs_code}

found = examples()
assert set(found) == set(HOW), set(found) ^ set(HOW)
for name, (language, block) in found.items():
    with tempfile.TemporaryDirectory() as folder:
        HOW[name](block, folder)
    print("docs:", name, flush=True)
print("docs ok")
