"""A mail server that takes letters from one user with one password, and remembers to whom they were."""

from __future__ import annotations

import base64
import socketserver
import threading


class MailServer:
    """Listens on 127.0.0.1 until the process ends. `addressed` grows with each letter that was taken."""

    def __init__(self, user: str, password: str, port: int) -> None:
        self.expected = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        self.addressed: list[str] = []
        self.refused: list[str] = []
        self.signed_in = 0
        outer = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Talk)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _talk(self, client: socketserver.StreamRequestHandler) -> None:
        def answer(line: str) -> None:
            client.wfile.write(line.encode() + b"\r\n")

        knows, to = False, []
        answer("220 mail")
        while line := client.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "EHLO":
                answer("250-mail")
                answer("250 AUTH PLAIN")
            elif word == "AUTH":
                knows = line.split()[-1] == self.expected
                self.signed_in += knows
                answer("235 welcome" if knows else "535 no")
            elif word == "MAIL" and not knows:
                self.refused.append(line)
                answer("530 sign in first")
            elif word == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                answer("250 yes")
            elif word == "DATA":
                answer("354 go on")
                while client.rfile.readline().rstrip(b"\r\n") != b".":
                    pass
                self.addressed += to
                to = []
                answer("250 taken")
            elif word == "QUIT":
                answer("221 bye")
                return
            else:
                answer("250 yes")
