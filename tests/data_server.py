"""A web server on loopback that answers well or badly, as the first part of the path says."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"\n<html>please log in</html>"
REFUSALS = {"missing": 404, "forbidden": 403, "broken": 500, "busy": 429}
# Where an address leads that sends the client on.
ELSEWHERE = {"login": "/page/login.html", "circle": "/circle/login", "nowhere": "ftp://x/y"}


class Handler(BaseHTTPRequestHandler):
    """Answer as the first part of the path says; count the requests."""

    def do_GET(self):
        mode, _, path = self.path.strip("/").partition("/")
        self.server.asked.append(self.path)
        if mode in ELSEWHERE:
            self.send_response(302)
            self.send_header("Location", ELSEWHERE[mode])
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if mode in REFUSALS or (path != self.server.name and mode != "page"):
            return self.send_error(REFUSALS.get(mode, 404))
        if mode == "silent":
            self.server.release.wait(5)
            return None
        if mode == "reset":
            return self.reset()
        if mode == "headers":
            return self.send_header_after_header()
        body = {"wrong": self.server.content[::-1], "page": PAGE}.get(mode, self.server.content)
        self.send_response(200)
        self.send_header(*self.length(mode, body))
        self.end_headers()
        return self.send_body(mode, body)

    def send_header_after_header(self):
        """Begin an answer that never gets to its body: no wait of the client is long."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        for i in range(90):
            self.wfile.write(f"X-{i}: 0\r\n".encode())
            if self.server.release.wait(0.1):
                break

    def length(self, mode, body):
        """Return the header that says how long the body is, or lies about it."""
        if mode == "unannounced":  # it ends where the connection ends
            return "Connection", "close"
        if mode == "endless":
            return "Content-Length", str(10**12)
        if mode == "garbled":
            self.send_header("Content-Encoding", "gzip")
        lengths = {"longer": len(body) + 1, "shorter": len(body) - 1}
        return "Content-Length", str(lengths.get(mode, len(body)))

    def send_body(self, mode, body):
        if mode in ("cut", "unannounced"):
            self.wfile.write(body[: len(body) // 2])
        elif mode in ("drip", "endless", "stalled"):
            for i in range(0, len(body) if mode == "drip" else 10**9, 8192):
                self.wfile.write(body[i % len(body) :][:8192])
                if self.server.release.wait({"drip": 0.1, "stalled": 5}.get(mode, 0)):
                    break
        elif mode == "torn":
            self.wfile.write(body[: len(body) // 2])
            self.reset()
        else:
            self.wfile.write(body + b"more" * (mode == "longer"))

    def reset(self):
        """Break the connection as a machine does that is switched off and on."""
        self.wfile.flush()
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    """Serve one file, `content` under `name`; keep the paths that were asked for."""

    daemon_threads = True

    def __init__(self, name, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.content = name, content
        self.asked, self.release = [], threading.Event()

    def handle_error(self, *_):
        """Stay quiet: a client that hangs up is what some tests do."""


@contextmanager
def answering(server: "Server") -> Iterator["Server"]:
    """Let a server answer in a thread, and end both."""
    serve, poll = server.serve_forever, {"poll_interval": 0.02}
    thread = threading.Thread(target=serve, kwargs=poll, daemon=True)
    thread.start()
    try:
        yield server
    finally:  # or a test that fails would leave a thread that pytest waits for
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
