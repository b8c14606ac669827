"""A bad line: a proxy that drops, delays, repeats, reorders and cuts off requests and answers, by a seeded chance.

    with Line(("127.0.0.1", 8000), seed=1, faults=USUAL) as line: …   # talk to line.port instead
    line.counts                                                        # how often each fault struck

It speaks HTTP/1.1 with one request a connection. A fault strikes a whole request: what the server then sees is what a
server behind a dying radio link sees: nothing, half a body, the same request twice, an old one after a newer one.
"""

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

USUAL = {
    "drop_request": 0.06, "cut_request": 0.05, "drop_answer": 0.07, "cut_answer": 0.05, "repeat": 0.07, "late": 0.05, "delay": 0.15,
}
LONGEST_DELAY = 0.3
LATE = (0.5, 4.0)  # seconds after which an old request arrives once more


def read_message(peer: socket.socket) -> tuple[bytes, bytes]:
    """(head, body) of one HTTP message; a peer that stops early leaves a short body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = peer.recv(65536)
        if not part:
            return data, b""
        data += part
    head, _blank, body = data.partition(b"\r\n\r\n")
    names = {line.split(b":", 1)[0].strip().lower(): line.split(b":", 1)[1].strip() for line in head.split(b"\r\n")[1:] if b":" in line}
    if names.get(b"expect", b"").lower() == b"100-continue":
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if b"content-length" in names:
        left = int(names[b"content-length"]) - len(body)
        while left > 0:
            part = peer.recv(min(left, 65536))
            if not part:
                break
            body += part
            left -= len(part)
    elif names.get(b"transfer-encoding") == b"chunked":
        while not body.endswith(b"0\r\n\r\n"):
            part = peer.recv(65536)
            if not part:
                break
            body += part
    return head, body


def closing(head: bytes) -> bytes:
    """The head with `Connection: close`, so that one connection carries one message."""
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"keep-alive:", b"expect:"))]
    return b"\r\n".join([*lines, b"Connection: close"])


class Line:
    """The proxy: a thread a connection."""

    def __init__(self, server: tuple[str, int], *, seed: int = 1, faults: Mapping[str, float] = USUAL, spare: tuple[bytes, ...] = ()) -> None:
        self.server, self.faults, self.spare = server, dict(faults), spare
        self.counts: Counter[str] = Counter()
        self.cut = False  # no signal at all
        self.through: tuple[bytes, ...] = ()  # what gets through all the same
        self._chance, self._lock = random.Random(seed), threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listening.getsockname()[1]
        self._later: list[threading.Timer] = []
        self._open = True

    @property
    def url(self) -> str:
        """Where tablets talk to."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._open = False
        self._listening.close()
        for timer in self._later:
            timer.join(LATE[1] + 30)

    def _serve(self) -> None:
        while self._open:
            try:
                peer, _address = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(peer,), daemon=True).start()

    def _strikes(self) -> tuple[str, float, float]:
        """The fault of this request, a share for cutting, a delay; drawn in one go so that a seed means something."""
        with self._lock:
            throw, share, delay = self._chance.random(), self._chance.uniform(0.05, 0.95), self._chance.uniform(0, LONGEST_DELAY)
            for name, part in self.faults.items():
                throw -= part
                if throw < 0:
                    self.counts[name] += 1
                    return name, share, delay
            self.counts["clean"] += 1
            return "clean", share, delay

    def _carry(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError), peer:
            peer.settimeout(120)
            head, body = read_message(peer)
            if not head:
                return
            self._one(peer, closing(head), body)

    def _one(self, peer: socket.socket, head: bytes, body: bytes) -> None:
        if self.cut and not any(each in head.split(b"\r\n", 1)[0] for each in self.through):
            return
        fault, share, delay = self._strikes()
        if any(each in head.split(b"\r\n", 1)[0] for each in self.spare):
            fault = "clean"
        if fault == "drop_request":
            return
        if fault == "delay":
            time.sleep(delay)
        if fault == "cut_request":
            self._ask(head, body[: int(len(body) * share)], whole=False)
            return
        if fault == "late":  # the tablet hears nothing; the request arrives when something newer has been
            timer = threading.Timer(LATE[0] + share * (LATE[1] - LATE[0]), self._ask, (head, body))
            timer.daemon = True
            self._later.append(timer)
            timer.start()
            return
        if fault == "repeat":
            threading.Thread(target=self._ask, args=(head, body), daemon=True).start()
        answer = self._ask(head, body)
        if fault == "drop_answer" or not answer:
            return
        peer.sendall(answer[: int(len(answer) * share)] if fault == "cut_answer" else answer)

    def _ask(self, head: bytes, body: bytes, *, whole: bool = True) -> bytes:
        """Bring a request to the server; its answer, or nothing where it is away."""
        try:
            with socket.create_connection(self.server, timeout=120) as link:
                link.sendall(head + b"\r\n\r\n" + body)
                if not whole:
                    return b""
                said, rest = read_message(link)
                return closing(said) + b"\r\n\r\n" + rest if said else b""
        except OSError:
            self.counts["server_away"] += 1
            return b""
