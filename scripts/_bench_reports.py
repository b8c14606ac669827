"""Paper: our render of the oversight report against WeasyPrint alone, in one interleaved run.

ours            render(): sealed figures → words, tables, charts → PDF/A-3a, in its warm child
weasyprint      the same finished page (charts drawn, figures attached) in a warm process of its own,
                WeasyPrint as it comes: limit 1.25 × its time
first draft     the same page with what slows WeasyPrint down (automatic columns, an element and a
                style in every cell, rows that may not break), warm as well
Machines are shared: ratios within one run count, seconds do not. Prints one JSON object last.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eldercare.reporting import render  # noqa: E402

KIND, LIMIT = "monthly-oversight", 1.25


def first_draft(page: str) -> str:
    """The page as a first draft has it."""
    page = re.sub(r"<colgroup>.*?</colgroup>", "", page)
    page = re.sub(r"<td([^>]*)>([^<]*)</td>", r'<td\1 style="padding: 3pt 2.5pt"><span>\2</span></td>', page)
    extra = "table { table-layout: auto } tr, table { break-inside: avoid } td { overflow-wrap: anywhere }"
    return page.replace("</head>", f"<style>{extra}</style></head>")


def plain(line: Any, page: str, figures: bytes) -> None:
    """WeasyPrint as it comes, kept warm; answers each message with a PDF's size."""
    import weasyprint

    while line.recv():
        attachment = weasyprint.Attachment(string=figures, name="figures.json", relationship="Data")
        html = weasyprint.HTML(string=page, base_url=f"{render.REPORTS}/")
        line.send(len(html.write_pdf(pdf_variant=render.VARIANT, attachments=[attachment])))


def main() -> None:
    """Interleave the three, drop the first round, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--lang", default="zh", choices=("zh", "en"))
    options = parser.parse_args()
    data = render.sample(KIND)
    page = render.html(KIND, data, options.lang)
    context = multiprocessing.get_context("spawn")
    lines = {}
    for name, text in (("weasyprint", page), ("first draft", first_draft(page))):
        lines[name], theirs = context.Pipe()
        context.Process(target=plain, args=(theirs, text, render.canonical(data)), daemon=True).start()
    times: dict[str, list[float]] = {"ours": [], **{name: [] for name in lines}}
    sizes = {}
    for number in range(options.rounds + 1):
        for name, spent in times.items():
            began = time.perf_counter()
            if name == "ours":
                sizes[name] = len(render.render(KIND, data, options.lang).pdf)
            else:
                lines[name].send(True)
                sizes[name] = lines[name].recv()
            if number:  # the first round warms up
                spent.append(time.perf_counter() - began)
    for line in lines.values():
        line.send(False)
    render.close()
    middle = {name: statistics.median(spent) for name, spent in times.items()}
    for name, seconds in middle.items():
        print(f"{name:12} {seconds:6.2f} s  {sizes[name] / 1000:6.0f} kB", file=sys.stderr)
    ratio = middle["ours"] / middle["weasyprint"]
    print(json.dumps({
        "report_over_weasyprint": round(ratio, 3), "limit": LIMIT, "reached": ratio <= LIMIT,
        "first_draft_over_ours": round(middle["first draft"] / middle["ours"], 2), "seconds": round(middle["ours"], 2),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
