"""`scripts/bench board`: the bed board of a home of some 300 beds against a bare page of the same beds, in turns.

Both under gunicorn with the Procfile's workers and threads, on this instance's data, one client: what is timed
is the first byte. Compared is the quickest tenth of the turns, which is what a page costs; the medians beside it
also hold what else the machine does meanwhile (each statement is a round trip that may wait for a core). Then
somebody goes on leave and comes back from the sheet, each a single request (two entries stay in the log).
Prints, last, one JSON object.
"""

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.parse
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from _bench_pages import BARE, GUNICORN, OURS, sign_in, statements

from config import Config
from eldercare.core import calendar
from eldercare.core.dbroles import connect, plain
from eldercare.core.embedded import database_urls

TURNS = 120


def first_byte(talk: socket.socket, path: str, cookie: str) -> float:
    """Milliseconds until the first byte of a page on an open connection; the rest is read away."""
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    began = time.perf_counter()
    talk.sendall(ask)
    answer = talk.recv(262144)
    took = (time.perf_counter() - began) * 1000
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"{path} does not answer 200")
    left = int(re.search(rb"(?i)content-length: (\d+)", head)[1]) - len(body)
    while left > 0:
        left -= len(talk.recv(262144))
    return took


def save(home: int, bed: int, act: str, cookie: str, **fields: str) -> tuple[float, bool]:
    """(milliseconds, whether the answer brought the changed tile) of one act sent from the bed's sheet."""
    talk = http.client.HTTPConnection("127.0.0.1", OURS)
    head = {"Cookie": cookie, "HX-Request": "true"}
    talk.request("GET", f"/beds/{home}/sheet/{bed}", headers=head)
    sheet = talk.getresponse().read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', sheet)
    seen = re.search(rf'name="{act}-seen"[^>]* value="([^"]+)"', sheet)
    form = {f"{act}-{key}": value for key, value in fields.items()} | {f"{act}-seen": seen[1], "csrf_token": token[1]}
    head |= {"Content-Type": "application/x-www-form-urlencoded"}
    began = time.perf_counter()
    talk.request("POST", f"/beds/{home}/sheet/{bed}/{act}", urllib.parse.urlencode(form), head)
    answer = talk.getresponse()
    page = answer.read().decode()
    return (time.perf_counter() - began) * 1000, answer.status == 200 and f'id="bed-{bed}"' in page


def main() -> None:
    config = Config.from_environ()
    urls = database_urls(config)
    with connect(urls.backup) as db, db.cursor() as at:
        at.execute("SELECT facility_id, count(*) FROM beds GROUP BY 1 ORDER BY abs(count(*) - 300) LIMIT 1")
        home, beds = at.fetchone()
        at.execute(
            "SELECT b.bed_id FROM stay_beds b JOIN stays s ON s.id = b.stay_id WHERE b.facility_id = %s"
            " AND b.ends_on IS NULL AND s.state = 'in_residence' ORDER BY b.bed_id LIMIT 1", (home,),
        )
        bed = at.fetchone()[0]
    bare = os.environ | {"BARE_DSN": plain(urls.backup)}
    servers = [
        subprocess.Popen([*GUNICORN, f"--bind=127.0.0.1:{OURS}", "wsgi:app"]),
        subprocess.Popen([*GUNICORN, f"--bind=127.0.0.1:{BARE}", "--chdir=scripts", "_bench_bare:app"], env=bare),
    ]
    try:
        time.sleep(6)
        cookie = sign_in(config.demo_password)
        count = statements([f"/beds/{home}/"], cookie)[0]
        doors = [(socket.create_connection(("127.0.0.1", port)), path, told) for port, path, told in
                 ((OURS, f"/beds/{home}/", cookie), (BARE, f"/board/{home}", ""))]
        took: list[list[float]] = [[], []]
        for turn in range(TURNS + 20):
            for side, (talk, path, told) in enumerate(doors):
                once = first_byte(talk, path, told)
                if turn >= 20:  # both are warm
                    took[side].append(once)
        mine, limit = (statistics.quantiles(each, n=10)[0] for each in took)
        usual = [round(statistics.median(each), 1) for each in took]
        today = calendar.today()
        went, went_well = save(home, bed, "leave", cookie, on=str(today), companion="-",
                               expected_back_on=str(today + timedelta(days=1)))
        back, back_well = save(home, bed, "come-back", cookie, on=str(today))
    finally:
        for server in servers:
            server.terminate()
            server.wait()
    ratio = round(mine / limit, 2)
    print(f"board      {count:2} queries   {beds} beds: first byte {mine:.1f} ms / {limit:.1f} ms = {ratio}"
          f" (medians {usual[0]} / {usual[1]})")
    print(f"one act    leave {went:.0f} ms, came back {back:.0f} ms, one request each: {went_well and back_well}")
    print(json.dumps({"board": ratio, "queries": count, "beds": beds, "saved": went_well and back_well}))


if __name__ == "__main__":
    main()
