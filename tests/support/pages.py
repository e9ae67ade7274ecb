"""Turning the pages of a list, as a person does with its links."""

from collections.abc import Iterator

from bs4 import BeautifulSoup
from django.test import Client


def pages(client: Client, url: str, part: str = "main") -> Iterator[BeautifulSoup]:
    """Open a page and all older ones of the list in this part of it."""
    while True:
        answer = client.get(url)
        assert answer.status_code == 200
        page = BeautifulSoup(answer.content, "html.parser")
        yield page
        if (older := page.select_one(f'{part} .pager a[rel="next"]')) is None:
            return
        url = f"{url.partition('?')[0]}{str(older['href']).partition('#')[0]}"
