"""A name server for one name, on a loopback address of its own."""

import socket
import struct
import threading

A_RECORD = 1


class NameServer:
    """Says that `name` has the address `answer`, and that there is no other name. Needs the right to use port 53."""

    def __init__(self, address: str, name: str, answer: str):
        self.address = address
        self.asked: list[str] = []
        self._name = name
        self._answer = answer
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            self._socket.sendto(self._reply(query), client)

    def _reply(self, query: bytes) -> bytes:
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode())
            at += 1 + length
        name, question = ".".join(labels), query[12 : at + 5]
        (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
        self.asked.append(name)
        known = name == self._name
        has_answer = known and kind == A_RECORD
        flags = 0x8180 if known else 0x8183
        header = query[:2] + struct.pack("!HHHHH", flags, 1, int(has_answer), 0, 0)
        record = b"\xc0\x0c" + struct.pack("!HHIH", A_RECORD, 1, 60, 4) + socket.inet_aton(self._answer)
        return header + question + (record if has_answer else b"")
