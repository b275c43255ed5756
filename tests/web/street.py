"""A working day: eight people, three languages, every kind of message. Browser tests and pictures walk through it."""

import zlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.hub import Hub
from app.models import Case, CaseEvent, Channel, Contact, User
from tests.web.cast import Talk, add_channel, add_user, attach, meet, open_case


@dataclass(frozen=True, slots=True)
class Street:
    ana: User
    boris: User
    admin: User
    wages: Case  # Ana's: a long thread with everything in it
    urgent: Case
    two_ways: Case  # one person on Telegram and in the web chat
    closed: Case


async def build(hub: Hub, session: AsyncSession, *, language: str = "en") -> Street:
    now = hub.now()
    ana = await add_user(session, "Ana Petrova", language=language)
    boris = await add_user(session, "Boris Lange", "coordinator", language)
    admin = await add_user(session, "Chris Admin", "admin", language)
    telegram = await add_channel(hub, session, "weissenfels-bot", "telegram", "weissenfels")
    web = await add_channel(hub, session, "web", "webchat", "wuppertal")
    talk = await meet(
        hub,
        session,
        telegram,
        "Gelbe Lerche 42",
        "100200300",
        at=now - timedelta(hours=26),
        language="bg",
        mode="human",
    )
    wages = await _wages(talk, ana)
    talk = await meet(
        hub, session, telegram, "Ruhige Amsel 17", "100200301", at=now - timedelta(minutes=14), language="ro"
    )
    urgent = await _urgent(talk)
    two_ways = await _two_ways(hub, session, telegram, web)
    await _others(hub, session, telegram, web, boris)
    talk = await meet(hub, session, web, "Kleine Ente 61", "w-5", at=now - timedelta(days=3), language="ro", mode="bot")
    await talk.says("Mulțumesc, am primit locul la grădiniță!")
    closed = await open_case(
        talk, "asked", ("taken", boris, None), ("closed", boris, None), status="closed", assignee_id=boris.id,
        waiting_since=None, closed_at=now - timedelta(days=2), needs=["education.kita_place"],
    )  # fmt: skip
    return Street(ana, boris, admin, wages, urgent, two_ways, closed)


async def _wages(talk: Talk, ana: User) -> Case:
    session = talk.session
    await talk.says("dobar den, shefat ne mi plati zaplatata veche 2 meseca", external_id="tg:1")
    await talk.bot(
        "Здравейте! Ако работодателят не плаща заплатата, поискайте я писмено и определете срок. Запазете доказателства:"
        " договор, часове, съобщения.",
        payload={
            "answers": [{"topic": "work.wage_unpaid", "version": 3, "language": "bg"}],
            "buttons": [{"id": "menu", "label": "Меню"}, {"id": "human", "label": "Искам човек"}],
        },
        status="read",
    )
    await talk.says("Искам човек", "button", payload={"button": {"id": "human", "label": "Искам човек"}})
    case = await open_case(
        talk, "asked", ("taken", ana, None), assignee_id=ana.id, needs=["work.wage_unpaid", "work.no_contract"]
    )
    talk.at += timedelta(minutes=4)
    await talk.staff(ana, "Добър ден! Казвам се Ана. Имате ли трудов договор или фишове?", status="read")
    letter = await talk.says("Това ми дадоха, нищо не разбирам.", "photo", after=23 * 60 + 10, external_id="tg:7")
    await attach(letter, session, letter_png(), "image/png", "letter.png")
    voice = await talk.says(None, "voice")
    await attach(voice, session, b"OggS", "audio/ogg")
    paper = await talk.says("договор", "document", edits=[{"text": "дговор", "until": talk.at.isoformat()}])
    await attach(paper, session, b"%PDF-1.4", "application/pdf", "Arbeitsvertrag März 2026.pdf")
    await _note(
        case, talk, ana, "No signature on the contract. Ask the counselling centre on Monday whether she may go."
    )
    await talk.staff(ana, "Благодаря! Ще проверя писмото и ще ви пиша днес.", status="delivered")
    await talk.says("👍", "reaction", reply_to=talk.messages[-1].external_id)
    await talk.staff(ana, "Може ли да дойдете в понеделник в 10 ч.?", status="failed", error="provider_down")
    await talk.staff(ana, "Може ли да дойдете в понеделник в 10 ч.?", status="uncertain", error="uncertain")
    spot = {"latitude": 51.2012, "longitude": 11.9686, "label": "Neustadtbüro"}
    await talk.says(None, "location", payload={"location": spot})
    await talk.says("Да, ще дойда. Да взема ли и паспорта?", reply_to=talk.messages[-2].external_id)
    case.waiting_since = talk.at
    return case


async def _note(case: Case, talk: Talk, user: User, text: str) -> None:
    talk.at += timedelta(minutes=1)
    talk.session.add(CaseEvent(case_id=case.id, user_id=user.id, kind="note", text=text, created_at=talk.at))
    await talk.session.flush()


async def _urgent(talk: Talk) -> Case:
    await talk.says("Va rog ajutor, soțul mă bate și copiii plâng")
    await talk.bot("Dacă sunteți în pericol acum: sunați la 110 (poliția). Puteți scrie aici oricând.")
    return await open_case(
        talk, "danger", urgency="urgent", danger=["violence", "child"], needs=["safety.violence"],
        waiting_since=talk.messages[0].created_at,
    )  # fmt: skip


async def _two_ways(hub: Hub, session: AsyncSession, telegram: Channel, web: Channel) -> Case:
    now = hub.now()
    talk = await meet(hub, session, web, "Silberne Möwe 88", "w-1", at=now - timedelta(hours=5), language="uk")
    await talk.says("Доброго дня! Де записати дитину до школи?")
    await talk.bot("Запишіть дитину в шкільному відомстві вашого міста.")
    known = await session.get_one(Contact, talk.conversation.contact_id)
    second = await meet(
        hub, session, telegram, "", "100200377", at=now - timedelta(hours=2), language="uk", contact=known
    )
    await second.says("Це знову я. Мені відповіли, що місць немає. Що робити?")
    return await open_case(second, "wrote_again", needs=["education.school_registration"])


async def _others(hub: Hub, session: AsyncSession, telegram: Channel, web: Channel, boris: User) -> None:
    now = hub.now()
    people = (
        (web, "Muntere Eule 23", "w-2", 3, "bg", "Хазяинът не дава договор и не мога да се регистрирам.", "housing.no_contract"),
        (telegram, "Blaue Drossel 54", "100200401", 7, "ro", "Am primit o scrisoare de la Inkasso, 1.240 €", "debt.counselling"),
        (telegram, "Weiße Taube 31", "100200402", 30, "de", "Wo kann ich mich persönlich beraten lassen?", "local.counselling"),
    )  # fmt: skip
    for channel, name, address, hours, language, words, need in people:
        talk = await meet(hub, session, channel, name, address, at=now - timedelta(hours=hours), language=language)
        await talk.says(words)
        await open_case(talk, "no_answer", needs=[need])
    talk = await meet(
        hub,
        session,
        telegram,
        "Helle Wachtel 75",
        "100200403",
        at=now - timedelta(hours=1),
        language="uk",
        mode="human",
    )
    await talk.says("Дякую за допомогу!")
    await talk.staff(boris, "Будь ласка! Напишіть, якщо ще щось потрібно.")
    await open_case(talk, "asked", ("taken", boris, None), assignee_id=boris.id, waiting_since=None)


def letter_png(width: int = 240, height: int = 320) -> bytes:
    """A letter as a photo would show it: grey lines on paper; made here, so that no file has to be kept."""
    paper, line, frame = b"\xf7\xf3\xea", b"\x9a\x94\x8a", b"\xd8\xd0\xc2"
    rows = []
    for y in range(height):
        text = 48 < y < height - 60 and y % 14 < 4
        cells = (
            frame if x < 6 or x > width - 7 or y < 6 or y > height - 7
            else line if text and 28 < x < width - 28 - (y * 37 % 70)
            else paper
            for x in range(width)
        )  # fmt: skip
        rows.append(b"\0" + b"".join(cells))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big") for kind, data in chunks
    )
