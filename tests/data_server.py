"""A web server on loopback that answers well or badly, as the first part of the path says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answer as the first part of the path says; count the requests."""

    def do_GET(self):
        mode, _, path = self.path.strip("/").partition("/")
        self.server.asked.append(self.path)
        if mode == "login":
            self.send_response(302)
            self.send_header("Location", "/page/login.html")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if mode == "missing" or (path != self.server.name and mode != "page"):
            return self.send_error(404)
        if mode == "silent":
            self.server.release.wait(5)
            return None
        body = {"wrong": self.server.content[::-1], "page": b"\n<html>please log in</html>"}.get(
            mode, self.server.content
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return self.send_body(mode, body)

    def send_body(self, mode, body):
        if mode == "cut":
            self.wfile.write(body[: len(body) // 2])
        elif mode == "drip":
            for i in range(0, len(body), 8192):
                self.wfile.write(body[i : i + 8192])
                if self.server.release.wait(0.1):
                    break
        else:
            self.wfile.write(body)

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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()
