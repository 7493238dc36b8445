"""schemathesis, as it comes from its registry, over /openapi.json of a running kai (KAI_URL): requests
made up by the description, right ones and wrong ones, the same every time. None may fail the server, and
every answer must be one that the description has. Bounded in time."""
import os
import subprocess
import sys
import tempfile

# An endless stream of events is no answer to wait for.
WITHOUT = ["--exclude-path", "/api/v1/events"]
CHECKS = ("not_a_server_error,status_code_conformance,content_type_conformance,"
          "response_headers_conformance,response_schema_conformance")

folder = tempfile.TemporaryDirectory()  # what it remembers is not for the next time
ran = subprocess.run(
    [sys.executable, "-m", "schemathesis.cli", "run", os.environ["KAI_URL"] + "/openapi.json",
     "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "10",
     "--seed", "7", "--generation-database", "none", "--max-time", "60", "--request-timeout", "30",
     "--no-shrink", "--no-color", "--continue-on-failure", *WITHOUT],
    capture_output=True, text=True, timeout=100, cwd=folder.name)
print(ran.stdout[-12000:], ran.stderr[-2000:])
assert ran.returncode == 0, ran.returncode
print("schemathesis ok")
