"""A WhatsApp to try by hand: type `number text`, and read what the hub answers; `number #2` presses a button."""

import argparse
import asyncio
import sys

from tests.providers.whatsapp.people import Person
from tests.providers.whatsapp.server import WhatsAppServer
from tests.providers.whatsapp.state import APP_SECRET, NUMBER_ID, TOKEN, VERIFY_TOKEN, Delivery


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.whatsapp", description=__doc__)
    parser.add_argument("--port", type=int, default=8082)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--app-secret", default=APP_SECRET)
    parser.add_argument("--verify-token", default=VERIFY_TOKEN)
    parser.add_argument("--webhook", default="", help="the hub's callback URL; the handshake is tried at once")
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    server = WhatsAppServer(options.token, options.app_secret, port=options.port)
    server.webhooks.retries, server.webhooks.pace = 8, 2.0
    server.statuses = ("sent", "delivered")
    async with server:
        _say(f"Graph API at {server.api_base}, token {server.token}, number {NUMBER_ID}")
        if options.webhook:
            answer = await server.webhooks.handshake(options.webhook, verify_token=options.verify_token)
            _say(f"Handshake: {answer.status_code}")
        printing = asyncio.create_task(_print_answers(server))
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _type(server, line.strip())
        await asyncio.sleep(1)
        printing.cancel()


async def _type(server: WhatsAppServer, line: str) -> None:
    number, _, text = line.partition(" ")
    if not number.isdecimal() or not text:
        _say("Write: number text")
        return
    person = server.person(number, f"DE.{number}", f"Person {number}")
    delivery = await _press(person, text[1:]) if text[:1] == "#" else await person.writes(text)
    if not (delivery and delivery.accepted):
        _say(f"Not accepted: {delivery.attempts if delivery else 'no such button'}")


async def _press(person: Person, number: str) -> Delivery | None:
    with_buttons = [sent for sent in person.sent if sent.buttons]
    if not with_buttons or not number.isdecimal() or not 1 <= int(number) <= len(with_buttons[-1].buttons):
        return None
    return await person.presses(with_buttons[-1], int(number) - 1)


async def _print_answers(server: WhatsAppServer) -> None:
    shown = 0
    while True:
        await asyncio.sleep(0.1)
        for sent in server.state.sent[shown:]:
            file = f" [{sent.kind}, {len(sent.file)} bytes]" if sent.file else ""
            _say(f"{sent.to} <-{file} {sent.text}")
            for number, (label, _) in enumerate(sent.buttons, 1):
                _say(f"    #{number} {label}")
            shown += 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
