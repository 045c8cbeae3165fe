"""A real Redis on a port of its own, to be killed, stopped and started. It keeps nothing on disk."""

import shutil
import signal
import subprocess

import redis

from tests.faults.servers import free_port, until


class RedisServer:
    def __init__(self):
        self.program = shutil.which("redis-server") or shutil.which("valkey-server")
        assert self.program, "These tests need redis-server on the PATH (Debian: apt-get install redis-server)."
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=2)

    def start(self) -> "RedisServer":
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/"]
        self.process = subprocess.Popen([self.program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.answers, 10, "Redis answers", pause=0.02)
        return self

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return client.ping()
        except redis.RedisError:
            return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.kill()
