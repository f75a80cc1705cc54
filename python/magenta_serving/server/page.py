"""The web page: what `web/` was built to, served beside the REST API."""

import pathlib

from aiohttp import web

# Where `scripts/build_page` puts it.
FOLDER = pathlib.Path(__file__).resolve().parents[1] / "page"

# Nothing runs, and nothing is loaded, that does not come from this server. docker/web/nginx.conf
# sends the same.
_SECURITY_HEADERS = {
    "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_ASK_AGAIN = "no-cache"
# Names of assets carry a digest of their content.
_CACHE_FOREVER = "public, max-age=31536000, immutable"


class Page:
    """The files of a built page, each served at its path in the folder; index.html is at /.

    Only files that are there when the server starts are served, each by its exact name, so no path
    leads out of the folder. A file with a .gz beside it is sent compressed to whoever takes that.
    """

    def __init__(self, folder: pathlib.Path):
        """Args:
          folder: the built page; without an index.html in it, there is no page.
        """
        self._folder = folder
        self._index = folder / "index.html"

    @property
    def is_built(self) -> bool:
        """Whether there is a page to serve."""
        return self._index.is_file()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Adds a route for each file, or one that says how to build the page."""
        if not self.is_built:
            router.add_get("/", _how_to_build)
            return
        router.add_get("/", _handler(self._index, _ASK_AGAIN))
        for pattern, cache_control in (("*", _ASK_AGAIN), ("assets/*", _CACHE_FOREVER)):
            for path in sorted(self._folder.glob(pattern)):
                if path.suffix in _CONTENT_TYPES:
                    name = path.relative_to(self._folder).as_posix()
                    router.add_get(f"/{name}", _handler(path, cache_control))


def _handler(path: pathlib.Path, cache_control: str):
    headers = {
        **_SECURITY_HEADERS,
        "Cache-Control": cache_control,
        "Content-Type": _CONTENT_TYPES[path.suffix],
        "Vary": "Accept-Encoding",
    }

    async def send(request: web.Request) -> web.StreamResponse:
        try:
            # Which aiohttp reads while it sends, when an error has no answer any more.
            _ = request.if_modified_since, request.if_unmodified_since, request.if_range
        except OverflowError:
            raise web.HTTPBadRequest(text="A date is out of range") from None
        return web.FileResponse(path, headers=headers)

    return send


async def _how_to_build(_: web.Request) -> web.Response:
    return web.Response(
        text="Magenta Serving answers here under /v1. Its web page has not been built: "
             "`make page` does that.\n")
