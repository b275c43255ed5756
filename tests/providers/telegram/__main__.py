"""A Telegram to try by hand: type `chat_id text`, and read what the bot answers; `chat_id #2` presses a button."""

import argparse
import asyncio
import sys

from tests.providers.telegram.people import Person
from tests.providers.telegram.server import TOKEN, TelegramServer
from tests.providers.telegram.state import Delivery, Webhook


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.telegram", description=__doc__)
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--webhook", default="", help="where updates go, until the bot calls setWebhook")
    parser.add_argument("--secret", default="")
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    server = TelegramServer(options.token, port=options.port)
    server.retries = 8
    server.pace = 2.0
    if options.webhook:
        server.state.webhook = Webhook(options.webhook, options.secret)
    async with server:
        _say(f"Bot API at {server.api_base}, token {server.token}")
        printing = asyncio.create_task(_print_answers(server))
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _type(server, line.strip())
        await asyncio.sleep(1)
        printing.cancel()


async def _type(server: TelegramServer, line: str) -> None:
    chat, _, text = line.partition(" ")
    if not chat.isdecimal() or not text:
        _say("Write: chat_id text")
        return
    person = server.person(int(chat), f"Person {chat}")
    delivery = await _press(server, person, text[1:]) if text[:1] == "#" else await person.writes(text)
    if server.state.webhook.url and not (delivery and delivery.accepted):
        _say(f"Not accepted: {delivery.attempts if delivery else 'no such button'}")


async def _press(server: TelegramServer, person: Person, number: str) -> Delivery | None:
    with_buttons = [sent for sent in server.sent_to(person.id) if sent.buttons]
    if not with_buttons or not number.isdecimal() or not 1 <= int(number) <= len(with_buttons[-1].buttons):
        return None
    return await person.presses(with_buttons[-1], int(number) - 1)


async def _print_answers(server: TelegramServer) -> None:
    shown = 0
    while True:
        await asyncio.sleep(0.1)
        everything = sorted(
            (sent for chat in server.state.chats.values() for sent in chat.sent), key=lambda one: one.at
        )
        for sent in everything[shown:]:
            file = f" [{sent.file_name}, {len(sent.file)} bytes]" if sent.file else ""
            _say(f"{sent.chat_id} <-{file} {sent.text}")
            for number, (label, _) in enumerate(sent.buttons, 1):
                _say(f"    #{number} {label}")
        shown = len(everything)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
