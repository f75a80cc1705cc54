"""An HTTP server of one file, on the loopback interface, with the faults that networks have."""

import http.server
import threading


class BundleServer(http.server.ThreadingHTTPServer):
    """Serves `content` at every path ending in ".mag".

    Attributes:
        ranges: whether it knows the header Range.
        cuts: for each of the next connections, the bytes after which it is cut.
        statuses: for each of the next requests, the status that it gets instead of the file.
        requests: what each request asked for: the value of Range, or None.
        address: of the folder.
    """

    daemon_threads = True

    def __init__(self, content: bytes):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = content
        self.ranges = True
        self.cuts: list[int] = []
        self.statuses: list[int] = []
        self.requests: list[str | None] = []
        self.address = f"http://127.0.0.1:{self.server_port}/models"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: BundleServer

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.requests.append(wanted)
        if self.server.statuses:
            self.send_error(self.server.statuses.pop(0))
            return
        content, start = self.server.content, 0
        if wanted and self.server.ranges:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + self.server.cuts.pop(0) if self.server.cuts else len(content)
        self.wfile.write(content[start:end])

    def log_message(self, *_: object) -> None:
        pass
