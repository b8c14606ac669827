"""`python -m eldercare.reporting.render`: one job as JSON on stdin, the PDF on stdout.

So that a report is drawn by the templates and the code of its own day, unpacked from their bundle (`tools.draw_with`).
"""

import base64
import json
import sys
import tempfile

from eldercare.reporting.render.pages import Settings
from eldercare.reporting.render.press import Press, live_alone

job = json.load(sys.stdin)
settings = Settings(*job["settings"])
live_alone(settings, tempfile.gettempdir())
photos = {name: base64.b64decode(photo) for name, photo in job["photos"].items()}
drawn = Press(settings).draw(job["kind"], job["data"], job["lang"], job["edition"], job["imprint"], photos)
sys.stdout.buffer.write(drawn.pdf)
