"""A real `kai serve` in folders of its own, and what the system says of its process."""

import asyncio
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

READY_SECONDS = 60


class Broken(Exception):
    """A promise of kai's that did not hold."""


class Server:
    def __init__(self, kai, worker, toml, models=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kai-torture-"))
        self._toml = self.folder / "kai.toml"
        self._toml.write_text(toml)
        none = self.folder / "none"
        none.mkdir()
        self._environment = dict(
            os.environ, KAI_CONFIG=str(self._toml), KAI_DATA_FOLDER=str(self.folder / "data"),
            KAI_RUNTIME_FOLDER=str(self.folder / "run"), KAI_MODELS=str(models or none),
            OLLAMA_MODELS=str(none), KAI_WORKER=str(worker))
        self._kai = str(kai)
        self._process = None
        self.port = 0

    async def start(self):
        """Starts it on a free port and waits for its address and until it can answer."""
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen([self._kai, "serve", "--set", "serve.port=0"],
                                             env=self._environment, stdin=subprocess.DEVNULL,
                                             stdout=subprocess.PIPE, stderr=log)
        line = await asyncio.to_thread(self._process.stdout.readline)
        if b"http://" not in line:
            raise Broken(f"the server did not start: {line!r}\n{self.log()}")
        self.port = int(line.strip().rsplit(b":", 1)[1])

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-4000:]

    @property
    def pid(self):
        return self._process.pid

    def lives(self):
        return self._process.poll() is None

    def kill(self):
        """As the kernel kills a process that takes too much memory."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    async def stop(self):
        """As systemd stops it; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        try:
            status = await asyncio.to_thread(self._process.wait, 60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Broken("the server did not stop within 60 s of SIGTERM") from None
        self._process.stdout.close()
        return status

    def remove(self):
        if self._process is not None and self.lives():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def resident_kib(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise Broken("the server's process is gone")

    def files_open(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def children(self):
        """Its worker processes, by their ids."""
        try:
            tasks = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in tasks.split()]
