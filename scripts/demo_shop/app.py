"""The shop's pages, under the strictest content policy that the widgets work with."""

from flask import Flask, Response, abort, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from scripts.demo_shop.products import SAMPLE, ShopProduct, categories, read_products

_PICTURE_SECONDS = 3_600
_BASKET = "basket"
_BASKET_FULL = 30
# Shown on the first page; the sixth is sold out.
_FAVOURITES = (
    *("lamp-001", "sneaker-002", "mug-005", "chair-001"),
    *("bag-004", "cushion-010", "watch-003", "vase-002"),
)


def create_shop(search: str) -> Flask:
    """The shop, with the widgets of the visual search at that address."""
    shop = Flask(__name__, static_url_path="/assets")
    products = read_products()
    shelves = categories(products)

    @shop.get("/")
    def home() -> str:
        favourites = [products[product_id] for product_id in _FAVOURITES]
        return render_template("shop_home.html", favourites=favourites)

    @shop.get("/c/<category>")
    def shelf(category: str) -> str:
        if category not in shelves:
            abort(404)
        return render_template("shop_shelf.html", category=category, shelf=shelves[category])

    @shop.get("/p/<product_id>")
    def product(product_id: str) -> str:
        if product_id not in products:
            abort(404)
        return render_template("shop_product.html", product=products[product_id])

    @shop.get("/pictures/<name>")
    def picture(name: str) -> Response:
        return send_from_directory(SAMPLE / "products", name, max_age=_PICTURE_SECONDS)

    @shop.get("/basket")
    def basket() -> str:
        chosen = _basket(products)
        total = sum(product.price for product in chosen)
        return render_template("shop_basket.html", chosen=chosen, total=total)

    @shop.post("/basket")
    def add_to_basket() -> AnyResponse:
        ids = [product.id for product in _basket(products)]
        wanted = products.get(request.form.get("id", ""))
        if wanted and not wanted.is_sold_out:
            ids.append(wanted.id)
        answer = redirect("/basket", code=303)
        answer.set_cookie(_BASKET, ".".join(ids[-_BASKET_FULL:]), samesite="Lax", httponly=True)
        return answer

    @shop.context_processor
    def everywhere() -> dict[str, object]:
        shown = {"in_basket": len(_basket(products)), "shelves": shelves, "search": search}
        return {**shown, "asked_path": request.path}

    @shop.after_request
    def secured(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_policy(search)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @shop.errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        return render_template("shop_missing.html"), 404

    return shop


def content_policy(search: str) -> str:
    """Nothing but the shop's own pictures and styles, and the search's origin for the widgets."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {search}",
            f"connect-src {search}",
            f"img-src 'self' {search}",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def _basket(products: dict[str, ShopProduct]) -> list[ShopProduct]:
    ids = request.cookies.get(_BASKET, "").split(".")
    return [products[product_id] for product_id in ids if product_id in products]
