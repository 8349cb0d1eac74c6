"""For WSGI servers: `VISUAL_SEARCH_STORE=DIR gunicorn server.wsgi:app`."""

from server import create_app

app = create_app()
app.extensions["service"].warm_up()
