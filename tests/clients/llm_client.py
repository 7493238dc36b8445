"""llm, the command, as it comes from its registry, against a running kai (KAI_URL)."""
import os
import pathlib
import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory() as folder:
    pathlib.Path(folder, "extra-openai-models.yaml").write_text(
        f'- model_id: kai\n  model_name: "kai:auto"\n  api_base: "{os.environ["KAI_URL"]}/v1"\n'
        "  supports_schema: true\n")

    def llm(*words):
        ran = subprocess.run([sys.executable, "-m", "llm", *words], capture_output=True, text=True,
                             env={**os.environ, "LLM_USER_PATH": folder}, timeout=90)
        return ran.returncode, ran.stdout + ran.stderr

    status, said = llm("-m", "kai", "What is the capital of France?")
    assert status == 0 and "Paris" in said, said
    status, said = llm("-m", "kai", "-s", "Be brief.", "--no-stream", "-o", "max_tokens", "40",
                       "What is the capital of France?")
    assert status == 0 and "Paris" in said, said
    status, said = llm("-m", "kai", "--schema", "name, people int", "What is the capital of France?")
    assert status == 0 and '"name"' in said and '"people"' in said, said
    status, said = llm("-m", "kai", "-o", "logit_bias", '{"5": 1}', "Hello")
    assert status != 0 and "logit_bias" in said, said
print("llm ok")
