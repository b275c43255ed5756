"""Those who write: each in a browser of their own, in Bulgarian, Romanian or Ukrainian, through the simulator's web chat."""

import asyncio
import re
import secrets
from collections import Counter
from contextlib import AsyncExitStack
from html import unescape
from random import Random
from time import monotonic

import httpx

from tests.use.day import MARK, Day, Person
from tests.web.conftest import HTMX, Browser

HUMAN = {
    "bg": "Искам да говоря с човек",
    "ro": "Vreau să vorbesc cu un om",
    "uk": "Я хочу поговорити з людиною",
}
MORE = {
    "bg": ("Кога мога да дойда?", "Не разбирам писмото.", "Чакам още."),
    "ro": ("Când pot să vin?", "Nu înțeleg scrisoarea.", "Mai aștept."),
    "uk": ("Коли можна прийти?", "Я не розумію листа.", "Я ще чекаю."),
}
BUBBLE = re.compile(r'class="line (own|theirs).*?<span class="said"[^>]*>(.*?)</span>', re.DOTALL)

TAG = re.compile(r"<[^>]+>")  # numbers that look like a telephone's are links


async def come(day: Day, stack: AsyncExitStack, count: int) -> None:
    """So many people ask for a human, and each has a case then."""
    for number in range(count):
        http = httpx.AsyncClient(base_url=day.live.base_url, trust_env=False, timeout=30)
        person = Person(Browser(await stack.enter_async_context(http)), ("bg", "ro", "uk")[number % 3])
        await person.browser.get("/simulator")
        day.people.append(person)
        await says(day, person, HUMAN[person.language])
        await day.meet(person)
    for person in day.people:
        await _has_case(day, person)


async def _has_case(day: Day, person: Person) -> None:
    deadline = monotonic() + 60
    while await day.case_of(person) is None:
        assert monotonic() < deadline, "nobody opened a case"
        await asyncio.sleep(0.2)


async def says(day: Day, person: Person, words: str) -> str:
    """Where the line breaks, the phone sends it again, and still it is one message."""
    text = day.marked(words)
    form = {"message": secrets.token_urlsafe(12), "text": text}
    try:
        answer = await person.browser.post("/simulator/messages", form)
    except httpx.TransportError:
        answer = await person.browser.post("/simulator/messages", form)
    assert answer.status_code == 303, answer.status_code
    person.wrote[text] += 1
    return text


async def sees(person: Person) -> tuple[Counter[str], Counter[str]]:
    """What stands in this person's chat: their own words, and what colleagues said. The bot's words carry no mark."""
    page = (await person.browser.get("/simulator/thread", **HTMX)).text
    own: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    for side, words in BUBBLE.findall(page):
        if MARK in words:
            (own if side == "own" else theirs)[unescape(TAG.sub("", words)).strip()] += 1
    return own, theirs


def next_words(person: Person, chance: Random) -> str:
    """Some ask for a human again: where their case was closed, that opens it."""
    if chance.random() < 0.3:
        return HUMAN[person.language]
    return chance.choice(MORE[person.language])
