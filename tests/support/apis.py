"""The APIs and feeds that a backend polls, in the shapes of the real ones, on one server that has the images too.

Pictures are added by name; each API then tells of them in its own way.
"""

import dataclasses
import hashlib
import html
import json

from support.origin import Origin

CLIENT_ID = "546c25a59c58ad7"


@dataclasses.dataclass
class Picture:
    name: str
    size: int = 2000
    title: str | None = None
    description: str | None = None
    nsfw: bool | None = None
    album: str | None = None


class Apis(Origin):
    def __init__(self, host: str = "127.0.0.1"):
        super().__init__(host)
        # By tag, by feed, by topic, by list.
        self.tags: dict[str, list[Picture]] = {}
        self.feeds: dict[str, list[Picture]] = {}
        self.topics: dict[str, list[Picture]] = {}
        self.url_lists: dict[str, list[Picture]] = {}
        self.page_size = 3
        # Statuses that the next requests of a path get instead: path -> [(status, headers)].
        self.refusals: dict[str, list[tuple[int, dict]]] = {}

    def link(self, picture: Picture) -> str:
        return self.url(f"image/{picture.size}/{picture.name}.png")

    def bytes_of(self, picture: Picture) -> bytes:
        return self.image(f"/image/{picture.size}/{picture.name}.png")

    async def answer(self, exchange) -> None:
        path = exchange.request.path
        if self.refusals.get(path):
            status, headers = self.refusals[path].pop(0)
            await exchange.respond(status, b"{}", headers)
            return
        parts = path.strip("/").split("/")
        if parts[0] == "3":
            await self._imgur(exchange, parts[1:])
        elif parts[0] == "rss":
            await self._conditional(exchange, "application/rss+xml", self._rss(parts[1]))
        elif parts[0] == "atom":
            await self._conditional(exchange, "application/atom+xml", self._atom(parts[1]))
        elif parts[0] == "jsonfeed":
            await self._conditional(exchange, "application/feed+json", self._json_feed(parts[1]))
        elif parts[0] == "topics":
            await self._topic(exchange, parts[1])
        elif parts[0] == "urls":
            lines = "".join(self.link(picture) + "\n" for picture in self.url_lists[parts[1]])
            await self._conditional(exchange, "text/plain", lines)
        else:
            await super().answer(exchange)

    async def _conditional(self, exchange, content_type: str, text: str) -> None:
        body = text.encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if exchange.request.header("if-none-match") == etag:
            await exchange.respond(304, b"", {"ETag": etag})
        else:
            await exchange.respond(200, body, {"Content-Type": content_type, "ETag": etag})

    # Imgur: https://api.imgur.com/3/gallery/t/{tag}/{sort}/{window}/{page}, /3/album/{id}, /3/image/{id}

    async def _imgur(self, exchange, parts: list[str]) -> None:
        if exchange.request.header("authorization") != f"Client-ID {CLIENT_ID}":
            await self._envelope(exchange, 403, {"error": "Invalid client_id", "method": "GET"})
        elif parts[:2] == ["gallery", "t"]:
            page = next((int(part) for part in reversed(parts) if part.isdigit()), 0)
            items = self._gallery(parts[2])[page * self.page_size : (page + 1) * self.page_size]
            await self._envelope(exchange, 200, {"name": parts[2], "total_items": 7, "items": items})
        elif parts[0] == "album":
            pictures = self._all(lambda picture: picture.album == parts[1])
            album = {
                "id": parts[1],
                "title": f"Album {parts[1]}",
                "description": None,
                "images_count": len(pictures),
                "images": [self._imgur_image(picture) for picture in pictures],
            }
            await self._envelope(exchange, 200 if pictures else 404, album)
        elif parts[0] == "image":
            pictures = self._all(lambda picture: picture.name == parts[1])
            await self._envelope(
                exchange, 200 if pictures else 404, self._imgur_image(pictures[0]) if pictures else {}
            )
        else:
            await self._envelope(exchange, 404, {"error": "not found"})

    def _all(self, wanted) -> list[Picture]:
        return [picture for tag in self.tags.values() for picture in tag if wanted(picture)]

    def _gallery(self, tag: str) -> list[dict]:
        items, albums = [], set()
        for picture in self.tags.get(tag, []):
            if picture.album is None:
                items.append({**self._imgur_image(picture), "is_album": False, "account_url": "ann"})
            elif picture.album not in albums:
                albums.add(picture.album)
                inside = self._all(lambda other, album=picture.album: other.album == album)
                items.append(
                    {
                        "id": picture.album,
                        "title": f"Album {picture.album}",
                        "description": None,
                        "is_album": True,
                        "account_url": None,
                        "account_id": None,
                        "nsfw": None,
                        "images_count": len(inside),
                        "images": [self._imgur_image(other) for other in inside[:1]],
                    }
                )
        return items

    def _imgur_image(self, picture: Picture) -> dict:
        return {
            "id": picture.name,
            "title": picture.title,
            "description": picture.description,
            "datetime": 1_700_000_000,
            "type": "image/png",
            "animated": False,
            "width": 640,
            "height": 480,
            "size": picture.size,
            "views": 12,
            "bandwidth": 24000,
            "vote": None,
            "favorite": False,
            "nsfw": picture.nsfw,
            "section": None,
            "account_url": None,
            "account_id": None,
            "is_ad": False,
            "in_most_viral": False,
            "has_sound": False,
            "tags": [],
            "link": self.link(picture),
        }

    async def _envelope(self, exchange, status: int, data: dict) -> None:
        body = json.dumps({"data": data, "success": status < 400, "status": status}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-RateLimit-UserLimit": "500",
            "X-RateLimit-UserRemaining": "499",
            "X-RateLimit-UserReset": "1900000000",
            "X-RateLimit-ClientLimit": "12500",
            "X-RateLimit-ClientRemaining": "12400",
        }
        await exchange.respond(status, body, headers)

    # Feeds.

    def _rss(self, name: str) -> str:
        items = "".join(
            f"<item><title>{html.escape(picture.title or picture.name)}</title>"
            f"<link>{self.url(f'pages/{picture.name}')}</link><guid>{picture.name}</guid>"
            f"<description>{html.escape(picture.description or '')}</description>"
            f'<enclosure url="{self.link(picture)}" length="{picture.size}" type="image/png"/></item>'
            for picture in self.feeds[name]
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
            f"<title>{name}</title><link>{self.url('')}</link><description>Pictures</description>{items}"
            "</channel></rss>"
        )

    def _atom(self, name: str) -> str:
        entries = "".join(
            f"<entry><title>{html.escape(picture.title or picture.name)}</title><id>urn:{picture.name}</id>"
            f"<link href='{self.url(f'pages/{picture.name}')}'/><updated>2026-11-03T08:12:31Z</updated>"
            f"<author><name>Ann</name></author>"
            f"<content type='html'>{html.escape(f'<p><img src={self.link(picture)!r}></p>')}</content></entry>"
            for picture in self.feeds[name]
        )
        return (
            '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{name}</title><id>urn:{name}</id><updated>2026-11-03T08:12:31Z</updated>{entries}</feed>"
        )

    def _json_feed(self, name: str) -> str:
        return json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": name,
                "items": [
                    {"id": picture.name, "title": picture.title, "image": self.link(picture)}
                    for picture in self.feeds[name]
                ],
            }
        )

    # A JSON API of nobody's: /topics/NAME?page=1

    async def _topic(self, exchange, name: str) -> None:
        page = int(exchange.request.query.get("page", "1"))
        pictures = self.topics[name][(page - 1) * self.page_size : page * self.page_size]
        more = len(self.topics[name]) > page * self.page_size
        body = {
            "photos": [
                {"key": picture.name, "caption": picture.title, "src": {"full": self.link(picture)}}
                for picture in pictures
            ],
            "next": self.url(f"topics/{name}?page={page + 1}") if more else None,
        }
        await exchange.respond(200, json.dumps(body).encode(), {"Content-Type": "application/json"})
