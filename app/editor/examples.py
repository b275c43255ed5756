"""Example messages as coordinators keep them: per topic and language, added, taken out, moved; and what speaks against one."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from app.editor.drafts import Piece, Stale, open_drafts, open_piece, save
from app.editor.policy import check_edits
from app.errors import BadInput, NotFound
from app.hub import Hub
from app.models import User
from flows.examples import EXAMPLE_CHARS, FEW, one_line, plain
from flows.library import Library
from flows.model import UNDERSTOOD_LANGUAGES
from flows.understand import Understander
from flows.understand.corpus import NONE

KIND = "examples"
MOST = 100  # messages that are added at once: more is a file for `content load`
NEAR = 0.8  # likeness from which a message of another topic is pointed out
_ASKED = 60  # messages of a topic that are compared with all others, to tell which topics are near

Texts = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One topic in the overview. `weak`: the languages of the people the hub is for in which it has few."""

    topic: str
    counts: dict[str, int]
    weak: tuple[str, ...]
    has_entry: bool
    draft: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a form asks for: messages to add and to take out, by language; `to`: the topic that gets what is taken out."""

    add: Texts = field(default_factory=dict)
    remove: Texts = field(default_factory=dict)
    to: str = ""

    @property
    def empty(self) -> bool:
        return not (any(self.add.values()) or any(self.remove.values()))


@dataclass(frozen=True, slots=True)
class Clash:
    """A message that is to be added, and one of another topic that is the same, or nearly."""

    text: str
    other: str
    topic: str
    same: bool


async def overview(session: AsyncSession, library: Library) -> list[Line]:
    """All topics that have an entry or examples, with their drafts; what no topic answers comes last."""
    drafts = {piece.key: piece.data for piece in await open_drafts(session) if piece.kind == KIND}
    topics = {*library.entries, *library.examples, *drafts}
    return [_line(topic, library, drafts.get(topic)) for topic in sorted(topics, key=lambda slug: (slug == NONE, slug))]


def _line(topic: str, library: Library, draft: Mapping[str, object] | None) -> Line:
    texts = texts_of(draft) if draft is not None else _live(library, topic)
    counts = {code: len(texts.get(code, ())) for code in UNDERSTOOD_LANGUAGES}
    weak = () if topic == NONE else tuple(code for code, least in FEW.items() if counts[code] < least)
    return Line(topic, counts, weak, topic in library.entries, draft is not None)


def _live(library: Library, topic: str) -> Texts:
    found = library.examples.get(topic)
    return {str(lang): list(told) for lang, told in found.texts.items()} if found else {}


async def new_entries(session: AsyncSession, library: Library) -> dict[str, Mapping[str, object]]:
    """Entries that are drafts and not live yet: they can have examples too."""
    open_ones = await open_drafts(session)
    return {piece.key: piece.data for piece in open_ones if piece.kind == "entry" and piece.key not in library.entries}


def texts_of(data: Mapping[str, object]) -> Texts:
    """Of a piece's data, as a draft may hold it."""
    texts = data.get("texts")
    return {code: list(told) for code, told in texts.items()} if isinstance(texts, Mapping) else {}


async def open_topic(session: AsyncSession, library: Library, topic: str) -> Piece:
    """Also one that has an entry and no examples yet; the entry may be a draft still. Raises NotFound."""
    try:
        return await open_piece(session, KIND, topic)
    except NotFound:
        if topic not in library.entries:
            await open_piece(session, "entry", topic)
    return Piece(KIND, topic, {"topic": topic, "texts": {}}, 0, None, None, None, None)


async def change(hub: Hub, session: AsyncSession, user: User, topic: str, wanted: Change, *, seen: int) -> Piece:
    """Into the draft of the topic, and of the one that gets what is moved. Raises Stale."""
    check_edits(user)
    library = hub.shelf.library
    piece = await open_topic(session, library, topic)
    if piece.revision != seen:
        raise Stale(piece)
    if wanted.to and (wanted.to == topic or wanted.to not in {*library.entries, *library.examples}):
        raise BadInput("Please choose another topic.")
    if wanted.empty:
        return piece
    saved = await _save(hub, session, user, piece, wanted.add, wanted.remove)
    if wanted.to and any(wanted.remove.values()):
        await add(hub, session, user, wanted.to, wanted.remove)
    return saved


async def add(hub: Hub, session: AsyncSession, user: User, topic: str, texts: Texts) -> Piece:
    """To the newest draft, whoever wrote it: adding messages spoils nobody's work."""
    return await _save(hub, session, user, await open_topic(session, hub.shelf.library, topic), texts, {})


async def _save(hub: Hub, session: AsyncSession, user: User, piece: Piece, more: Texts, less: Texts) -> Piece:
    new = {code: _clean(told) for code, told in more.items()}
    if sum(map(len, new.values())) > MOST:
        raise BadInput("Please add at most {most} messages at once.", most=MOST)
    if any(len(text) > EXAMPLE_CHARS for told in new.values() for text in told):
        raise BadInput("An example has at most {most} characters: people write short messages.", most=EXAMPLE_CHARS)
    before = texts_of(piece.data)
    texts: Texts = {}
    for code in UNDERSTOOD_LANGUAGES:
        kept = [text for text in before.get(code, []) if text not in less.get(code, [])]
        told = list(dict.fromkeys([*kept, *new.get(code, [])]))
        if told:
            texts[code] = told
    return await save(hub, session, user, KIND, piece.key, {"topic": piece.key, "texts": texts}, seen=piece.revision)


def _clean(told: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for each in told if (text := one_line(each))))


async def drafted(session: AsyncSession, library: Library) -> dict[str, Texts]:
    """All topics' examples as they will be once every draft is published."""
    found = {topic: _live(library, topic) for topic in library.examples}
    return found | {piece.key: texts_of(piece.data) for piece in await open_drafts(session) if piece.kind == KIND}


def clashes(understander: Understander, everything: Mapping[str, Texts], topic: str, wanted: Change) -> list[Clash]:
    """Messages that another topic has too, or nearly: the hub could not tell the topics apart."""
    homes = {
        plain(text): (text, other)
        for other, texts in everything.items()
        if other != topic
        for told in texts.values()
        for text in told
    }
    found = []
    for text in _clean(each for told in wanted.add.values() for each in told):
        if (home := homes.get(plain(text))) is not None:
            found.append(Clash(text, *home, same=True))
            continue
        nearest = next(iter(understander.nearest(text, 1)), None)
        if nearest and nearest.likeness >= NEAR and nearest.topic != topic:
            found.append(Clash(text, nearest.text, nearest.topic, same=False))
    return found


def near_topics(understander: Understander, texts: Mapping[str, Sequence[str]], topic: str) -> list[tuple[str, float]]:
    """Other topics whose examples are like this one's, with the share of its messages for which that is so."""
    told = [text for messages in texts.values() for text in messages]
    asked = told[:: max(1, len(told) // _ASKED)][:_ASKED]
    found: Counter[str] = Counter()
    for text in asked:
        others = (hit.topic for hit in understander.nearest(text, 6) if hit.topic not in (topic, NONE))
        if other := next(others, None):
            found[other] += 1
    return [(other, count / len(asked)) for other, count in found.most_common(5)]


def following(understander: Understander, everything: Mapping[str, Texts]) -> Understander:
    """As the hub would understand if these were live."""
    rows = ((text, topic) for topic, texts in everything.items() for told in texts.values() for text in told)
    return understander.following(rows)


def confusions(
    understander: Understander, calibration: Mapping[str, Mapping[str, Collection[str]]]
) -> dict[str, list[tuple[str, int]]]:
    """By topic, which others its calibration messages were taken for, and how often. Takes seconds."""
    found: dict[str, Counter[str]] = {}
    for labelled in calibration.values():
        for label, told in labelled.items():
            for text in told if label in understander.topics else ():
                read = understander.understand(text)
                if read.decision in ("answer", "offer") and read.topic and read.topic != label:
                    found.setdefault(label, Counter())[read.topic] += 1
    return {topic: counts.most_common(3) for topic, counts in found.items()}
