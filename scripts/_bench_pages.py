"""`scripts/bench pages`: our residents pages against a bare page of the same rows, in turns.

Both under gunicorn with the Procfile's workers and threads, on this instance's data, 8 clients.
Ours is signed in as `district`. Prints one line a page (its queries, requests/s of every round) and,
last, one JSON object of the ratios. Both sides show the same rows and columns.
"""

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from config import Config
from eldercare.core.dbroles import connect, plain
from eldercare.core.embedded import database_urls

OURS, BARE, CLIENTS, SECONDS, ROUNDS = 8091, 8092, 8, 3.0, 3
GUNICORN = [".venv/bin/gunicorn", "--worker-class=gthread", "--workers=2", "--threads=4", "--log-level=error"]
GUNICORN += ["--no-control-socket"]


def sign_in(password: str) -> str:
    """The Cookie header of a person signed in through the page."""
    talk = http.client.HTTPConnection("127.0.0.1", OURS)
    talk.request("GET", "/sign-in")
    page = talk.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    form = urllib.parse.urlencode({"username": "district", "password": password, "csrf_token": token and token[1]})
    head = {"Cookie": page.headers["Set-Cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
    talk.request("POST", "/sign-in", form, head)
    return str(talk.getresponse().headers["Set-Cookie"]).split(";")[0]


def rate(port: int, path: str, cookie: str) -> float:
    """Requests a second of 8 keep-alive clients; a status other than 200 ends the comparison.

    Plain sockets: the load shares the cores with what it measures, so it must cost next to nothing.
    """
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    done, until = [0] * CLIENTS, time.monotonic() + SECONDS

    def client(number: int) -> None:
        talk = socket.create_connection(("127.0.0.1", port))
        while time.monotonic() < until:
            talk.sendall(ask)
            answer = talk.recv(262144)
            head, _, body = answer.partition(b"\r\n\r\n")
            left = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) - len(body)
            while left > 0:
                left -= len(talk.recv(262144))
            done[number] += head.startswith(b"HTTP/1.1 200 ")
            if not head.startswith(b"HTTP/1.1 200 "):
                return
            if b"onnection: close" in head:
                talk = socket.create_connection(("127.0.0.1", port))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if time.monotonic() < until:
        raise SystemExit(f"{path} does not answer 200")
    return sum(done) / SECONDS


def statements(paths: list[str], cookie: str) -> list[int]:
    """How many statements each page sends to the database, counted in this process."""
    from sqlalchemy import event

    from eldercare import create_app
    from eldercare.core.db import db

    app, seen, counts = create_app(), [], []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: seen.append(told[2]))
    for path in paths:
        seen.clear()
        app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
        counts.append(len(seen))
    return counts


def main() -> None:
    config = Config.from_environ()
    urls = database_urls(config)
    with connect(urls.backup) as db, db.cursor() as at:
        at.execute("SELECT id, township_id, left(name, 2) FROM residents WHERE state = 'active' ORDER BY id LIMIT 1 OFFSET 99")
        one, township, two = at.fetchone() or (0, 0, "")
        at.execute("SELECT code FROM townships WHERE id = %s", (township,))
        code = (at.fetchone() or ("",))[0]
    q = urllib.parse.quote(two)
    pages = {
        "list": (f"/residents/?township={code}", f"/list?township={township}"),
        "search": (f"/residents/?q={q}", f"/search?q={q}"),
        "detail": (f"/residents/{one}", f"/detail/{one}"),
        "dashboard": ("/", "/overview"),
    }
    bare = os.environ | {"BARE_DSN": plain(urls.backup)}
    servers = [
        subprocess.Popen([*GUNICORN, f"--bind=127.0.0.1:{OURS}", "wsgi:app"]),
        subprocess.Popen([*GUNICORN, f"--bind=127.0.0.1:{BARE}", "--chdir=scripts", "_bench_bare:app"], env=bare),
    ]
    try:
        time.sleep(6)
        cookie = sign_in(config.demo_password)
        counts = statements([ours for ours, _ in pages.values()], cookie)
        ratios = {}
        for (name, (ours, limit)), count in zip(pages.items(), counts, strict=True):
            rounds = [(rate(OURS, ours, cookie), rate(BARE, limit, "")) for _ in range(ROUNDS)]
            ratios[name] = round(statistics.median(mine / bare for mine, bare in rounds), 3)
            mine, bare = ([round(each[side]) for each in rounds] for side in (0, 1))
            print(f"{name:10} {count:2} queries   {mine} / {bare} requests/s = {ratios[name]}")
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
