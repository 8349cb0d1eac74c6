"""Pages of another origin than the search: a shop that embeds the widgets."""

from flask import Flask, Response, abort

from tests.helpers import ROOT

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>A shop</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/shop.css">
  {script}
</head>
<body><main><h1>A shop</h1>{body}</main></body>
</html>"""
_STYLES = """
.far { margin-top: 4000px; }
.themed { --vs-accent: rgb(1, 2, 3); --vs-radius: 3px; }
.themed::part(title) { color: rgb(4, 5, 6); }
iframe { width: 100%; border: 0; }
.header {
  font: italic bold 0/64px "Times New Roman";
  letter-spacing: 3px;
  pointer-events: none;
  text-align: center;
  text-indent: 40px;
  text-shadow: 1px 1px red;
  text-transform: uppercase;
  white-space: nowrap;
  word-spacing: 9px;
}
.header::part(button) { pointer-events: auto; }
.small { font-size: 62.5%; }
.small body { font-size: 1.6rem; }
"""
_ISOLATED = {
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class ShopPages:
    """Pages that tests make, under a strict content policy that lets the search in."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.search = ""
        self._bodies: dict[str, str] = {}
        self._isolated: set[str] = set()

    def add(self, body: str, *, isolated: bool = False) -> str:
        """Publish a page; its address. An isolated one shows only what says it may be (COEP)."""
        name = f"page-{len(self._bodies)}"
        self._bodies[name] = body
        if isolated:
            self._isolated.add(name)
        return f"{self.address}/{name}"

    @property
    def policy(self) -> str:
        """What the documents tell shops to add, and nothing else from elsewhere."""
        return (
            f"default-src 'none'; script-src 'self' {self.search}; connect-src {self.search}; "
            f"img-src {self.search} data:; frame-src {self.search}; style-src 'self'"
        )

    def app(self) -> Flask:
        """The pages, and the script for frames as the documents have it."""
        app = Flask(__name__)

        @app.get("/<name>")
        def page(name: str) -> Response:
            if name not in self._bodies:
                abort(404)
            script = f'<script type="module" src="{self.search}/widget/widget.js"></script>'
            response = Response(_PAGE.format(script=script, body=self._bodies[name]))
            response.headers["Content-Security-Policy"] = self.policy
            if name in self._isolated:
                response.headers.update(_ISOLATED)
            return response

        @app.get("/shop.css")
        def styles() -> Response:
            return Response(_STYLES, mimetype="text/css")

        @app.get("/frames.js")
        def frames() -> Response:
            return Response(script_in_documents(), mimetype="text/javascript")

        @app.get("/p/<product_id>")
        def product(product_id: str) -> str:
            return f"<!doctype html><title>A product</title><h1>{product_id}</h1>"

        return app


def script_in_documents() -> str:
    """The lines that give a frame its height."""
    page = (ROOT / "docs" / "widget.md").read_text(encoding="utf-8")
    return page.partition("<script>\n")[2].partition("</script>")[0]
