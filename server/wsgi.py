"""For WSGI servers: `VISUAL_SEARCH_STORE=DIR gunicorn server.wsgi:app`."""

import os

# Before numpy is first imported. Two BLAS threads waiting for each other made the slowest searches
# four times slower than one thread does; requests run side by side instead.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from server import create_app

app = create_app()
app.extensions["service"].warm_up()
app.extensions["finder"].warm_up()
app.extensions["photos"].sweep_regularly()
app.extensions["imports"].resume()
