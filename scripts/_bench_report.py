"""`scripts/bench report`: the monthly PDF from figures, against WeasyPrint alone on the same HTML.

Ours: template, charts, child process, PDF/A-3a with the figures attached, hash. The limit: the
finished HTML through WeasyPrint, nothing attached, warm, fonts kept. In turns; last line JSON.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import weasyprint
from weasyprint.text.fonts import FontConfiguration

from eldercare.reporting import render

KIND, LANG, ROUNDS = "monthly-oversight", "zh", 5


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def main() -> None:
    figures = render.sample(KIND)
    page, fonts = render.html(KIND, figures, LANG), FontConfiguration()

    def limit() -> None:
        weasyprint.HTML(string=page, base_url=f"{render.REPORTS}/").write_pdf(font_config=fonts)

    def ours() -> None:
        render.render(KIND, figures, LANG)

    limit()
    ours()
    pairs = [(seconds(ours), seconds(limit)) for _ in range(ROUNDS)]
    for mine, bare in pairs:
        print(f"ours {mine:.2f} s, WeasyPrint alone {bare:.2f} s")
    render.close()
    print(json.dumps({"ratio": round(statistics.median(mine / bare for mine, bare in pairs), 3)}))


if __name__ == "__main__":
    main()
