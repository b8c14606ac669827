"""What gunicorn and the flask command load."""

from config import Config
from eldercare import create_app

app = create_app(Config.for_start())
