"""A Twilio to try by hand: type `+number text` (`whatsapp:+number text`), and read what the hub sends."""

import argparse
import asyncio
import sys

from tests.providers.twilio.server import ACCOUNT, NUMBER, TOKEN, TwilioServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.twilio", description=__doc__)
    parser.add_argument("--port", type=int, default=8082)
    parser.add_argument("--sms-webhook", default="", help="where messages go, until the hub sets the number's webhook")
    parser.add_argument("--whatsapp-webhook", default="")
    parser.add_argument("--advanced-opt-out", action="store_true")
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    server = TwilioServer(port=options.port)
    server.sms.url, server.whatsapp.url = options.sms_webhook, options.whatsapp_webhook
    server.state.advanced_opt_out = options.advanced_opt_out
    async with server:
        _say(f"API at {server.api_base}, account {ACCOUNT}, auth token {TOKEN}, number {NUMBER}")
        printing = asyncio.create_task(_print_messages(server))
        while line := await asyncio.to_thread(sys.stdin.readline):
            await _type(server, line.strip())
        await asyncio.sleep(1)
        printing.cancel()


async def _type(server: TwilioServer, line: str) -> None:
    address, _, text = line.partition(" ")
    whatsapp = address.startswith("whatsapp:")
    if not text or not address.removeprefix("whatsapp:").startswith("+"):
        _say("Write: +number text")
        return
    person = server.person(address.removeprefix("whatsapp:"), whatsapp=whatsapp)
    if not person.hub.url:
        _say("No webhook is set.")
        return
    delivery = await person.writes(text)
    if not delivery.accepted:
        _say(f"Not accepted: {delivery.attempts}")


async def _print_messages(server: TwilioServer) -> None:
    shown = 0
    while True:
        await asyncio.sleep(0.1)
        sent = [record for record in server.state.records if record.direction != "inbound"]
        for record in sent[shown:]:
            files = f" [{len(record.media_urls)} files]" if record.media_urls else ""
            _say(f"{record.to} <-{files} {record.body}")
        shown = len(sent)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
