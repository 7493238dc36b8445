"""A host of OpenAI's protocol that answers every question at once: prints its address, serves until
it is killed."""
import http.server
import json


class Host(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        models = {"object": "list", "data": [{"id": name, "object": "model"} for name in ("a", "b", "c")]}
        self.say("application/json", json.dumps(models).encode())

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Paris."},
                                "finish_reason": None}]},
                  {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
        text = "".join("data: " + json.dumps(chunk) + "\n\n" for chunk in chunks)
        self.say("text/event-stream", (text + "data: [DONE]\n\n").encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
