"""The machine with real packages: routes, sentences, many at once, limits, packages that come and go."""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.translations import toy_argos
from translations.machine import Machine, NoRoute, TooSlow, install, installed, memory_of, missing, remove, try_out

WORDS = "шефът не плаща заплата"
NewMachine = Callable[..., Machine]


@pytest.fixture
def folder(toy_packages: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toy_packages, tmp_path / "packages"))


@pytest.fixture
def start(folder: Path) -> Iterator[NewMachine]:
    started: list[Machine] = []

    def new(**limits: float) -> Machine:
        started.append(Machine(folder, **limits))  # type: ignore[arg-type]
        return started[-1]

    yield new
    for machine in started:
        machine.close()


def loads(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().split()[2] for record in caplog.records if record.getMessage().endswith(" loaded")]


async def test_directly_and_over_english_which_is_told(start: NewMachine) -> None:
    machine = start()
    direct = await machine.translate(WORDS, "bg", "en")
    assert (direct.text, direct.route) == ("boss not pays wage", ("bg", "en"))
    over = await machine.translate(WORDS, "bg", "de")
    assert (over.text, over.route, over.untouched) == ("Chef nicht zahlt Lohn", ("bg", "en", "de"), ())


async def test_what_is_missing_is_named(start: NewMachine) -> None:
    machine = start()
    for pair, lacking in (("bg-tr", ("en_tr",)), ("tr-en", ("tr_en",)), ("tr-ru", ("tr_en", "en_ru"))):
        with pytest.raises(NoRoute) as caught:
            await machine.translate(WORDS, *pair.split("-"))
        assert caught.value.missing == lacking
    assert missing("bg", "de", {"bg_de"}) == ()


async def test_text_keeps_its_shape(start: NewMachine) -> None:
    text = "\n  шефът не плаща!\r\n\r\n• заплата\tутре. къде дете?  \n"
    said = (await start().translate(text, "bg", "en")).text
    assert said == "\n  boss not pays!\r\n\r\n• wage tomorrow. where child?  \n"
    assert (await start().translate("", "bg", "de")).text == ""
    assert (await start().translate(" \n ", "bg", "de")).text == " \n "


async def test_a_point_is_not_always_the_end(start: NewMachine) -> None:
    said = (await start().translate("Arbeit bis 15.3. Geld für Arzt Dr. Kind, Nr. 3 wo?", "de", "en")).text
    assert said == "work bis 15.3. money for doctor Dr. child, Nr. 3 where?"


async def test_two_thousand_characters_without_a_full_stop(start: NewMachine) -> None:
    text = "квартира и заплата за работата 450 € договор помощ квартира " * 34
    result = await start(seconds=60).translate(text, "bg", "de")
    assert len(text) > 2000
    assert result.untouched == ()
    assert result.text.count("450 €") == result.text.count("Vertrag") == result.text.count("Hilfe") == 34


@pytest.mark.parametrize(
    ("language", "written", "read"),
    [
        ("bg", "imam anmeldung utre", "habe anmeldung morgen"),
        ("bg", "zaplata za rabota, imam Kuendigung", "Lohn für Arbeit, habe Kuendigung"),
        ("bg", "ne pla6ta, http://a.de/ne_pla6ta i info@rabota.bg", "nicht zahlt, http://a.de/ne_pla6ta und info@rabota.bg"),
        ("bg", "4e imam 4 dete", "че habe 4 Kind"),
        ("bg", "rabota za Ivan v Sofia", "Arbeit für Ivan в Sofia"),
        ("uk", "de robota, mayu Wohngeld, zavtra", "wo Arbeit, habe Wohngeld, morgen"),
        ("bg", "шефът каза: Sie sind gekündigt! заплата утре", "Chef каза: Sie sind gekündigt! Lohn morgen"),
        ("bg", "заплата http://einelangelateinischeadresse.de/ganzlang/undlaenger", "Lohn http://einelangelateinischeadresse.de/ganzlang/undlaenger"),
        ("ro", "șeful nu plătește", "Chef nicht zahlt"),
    ],
)  # fmt: skip
async def test_latin_letters(start: NewMachine, language: str, written: str, read: str) -> None:
    assert (await start().translate(written, language, "de")).text == read


async def test_twenty_at_once_load_once_and_say_the_same(start: NewMachine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    machine = start()
    texts = [f"{WORDS} {number} €. дете {number}" for number in range(20)]
    said = await asyncio.gather(*(machine.translate(text, "bg", "de") for text in texts))
    assert [each.text for each in said] == [f"Chef nicht zahlt Lohn {n} €. Kind {n}" for n in range(20)]
    assert sorted(loads(caplog)) == ["bg_en", "en_de"]


async def test_the_least_used_model_gives_way(
    start: NewMachine, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sizes = {each.pair: memory_of([each]) for each in installed(folder)}
    machine = start(memory=sum(sorted(sizes.values())[-2:]) + 1)
    for source, target in (("bg", "en"), ("ro", "en"), ("bg", "en"), ("uk", "en"), ("bg", "en"), ("ro", "en")):
        await machine.translate(" ".join(["x"] * len(caplog.records)) + " a", source, target)
    assert loads(caplog) == ["bg_en", "ro_en", "uk_en", "ro_en"]
    assert [each.pair for each in machine.loaded()] == ["bg_en", "ro_en"]
    tiny = start(memory=1)
    assert (await tiny.translate(WORDS, "bg", "de")).text == "Chef nicht zahlt Lohn", "two models, room for none"
    assert len(tiny.loaded()) == 1


async def test_the_time_ends(start: NewMachine) -> None:
    with pytest.raises(TooSlow) as caught:
        await start(seconds=1e-9).translate(WORDS, "bg", "de")
    assert str(caught.value) == ""


async def test_said_before_is_remembered(start: NewMachine, folder: Path) -> None:
    machine = start()
    await machine.translate(WORDS, "bg", "en")
    (bg,) = machine.loaded()
    (bg.place(folder) / "model" / "model.bin").unlink()
    assert (await machine.translate(WORDS, "bg", "en")).text == "boss not pays wage"


async def test_after_a_restart_all_is_there(start: NewMachine) -> None:
    first = start()
    before = await first.translate(WORDS, "bg", "de")
    first.close()
    assert await start().translate(WORDS, "bg", "de") == before


async def test_a_newer_package_while_the_old_one_is_at_work(
    start: NewMachine, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    machine = start()
    newer = toy_argos.build("bg", "en", tmp_path, "0.2")

    async def talk() -> list[str]:
        return [(await machine.translate(f"{WORDS} {n}", "bg", "de")).text for n in range(40)]

    talking = asyncio.create_task(talk())
    for _ in range(3):
        await asyncio.to_thread(install, newer, folder, try_out)
    assert await talking == [f"Chef nicht zahlt Lohn {n}" for n in range(40)]
    await machine.translate("дете", "bg", "en")
    assert [each.version for each in machine.loaded() if each.pair == "bg_en"] == ["0.2"]
    assert len(list((folder / "bg_en").iterdir())) == 2, "the receipt and the newer files"


async def test_removed_packages_are_no_way_any_more(start: NewMachine, folder: Path) -> None:
    machine = start()
    await machine.translate(WORDS, "bg", "en")
    remove("bg_en", folder)
    with pytest.raises(NoRoute):
        await machine.translate(WORDS, "bg", "en")


async def test_spoilt_files_are_an_error_without_words(start: NewMachine, folder: Path) -> None:
    (bg,) = [each for each in installed(folder) if each.pair == "bg_en"]
    (bg.place(folder) / "model" / "model.bin").write_bytes(b"x")
    with pytest.raises(RuntimeError) as caught:
        await start().translate(WORDS, "bg", "en")
    assert "заплата" not in str(caught.value)


async def test_the_log_never_holds_the_words(start: NewMachine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await start().translate(WORDS, "bg", "de")
    assert "заплата" not in caplog.text
    assert "Lohn" not in caplog.text


ALONE = """
import asyncio, logging, os, pathlib, socket, sys
class Barred(socket.socket):
    def __init__(self, family=-1, *rest, **more):
        if family != socket.AF_UNIX:  # an event loop talks to itself
            raise SystemExit("a socket was opened")
        super().__init__(family, *rest, **more)
socket.socket = Barred
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
from translations.machine import Machine
machine = Machine(pathlib.Path(sys.argv[1]))
print(ascii(asyncio.run(machine.translate("\u0448\u0435\u0444\u044a\u0442 4", "bg", "de")).text))
loaded = {name.split(".")[0] for name, module in sys.modules.items() if getattr(module, "__file__", None)}
print("heavy:", sorted(loaded & {"onnxruntime", "stanza", "minisbd", "torch", "spacy", "transformers"}))
print("left:", sorted(name for name in os.environ if name.startswith(("XDG", "ARGOS"))))
"""


@pytest.mark.parametrize("home", ["made", "missing"])
def test_alone_without_network_and_home(folder: Path, tmp_path: Path, home: str) -> None:
    """Its import would make folders in HOME and splitters that fetch models; here HOME stays empty, or can't even be made."""
    place = tmp_path / "home" if home == "made" else Path("/proc/nowhere")
    if home == "made":
        place.mkdir()
    environment = {"HOME": str(place), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", ALONE, str(folder)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "'Chef 4'" in ended.stdout
    assert "heavy: []" in ended.stdout
    assert "left: []" in ended.stdout
    assert "шефът" not in ended.stdout + ended.stderr
    if home == "made":
        assert list(place.iterdir()) == []
