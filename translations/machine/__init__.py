"""Machine translation on this server: Argos packages in a folder, nothing asked of the network but on purpose.

`Machine` translates; `packages` installs, lists and removes. Pure of the hub: no tables, no web.
"""

from translations.machine.argos import try_out
from translations.machine.engine import Machine, NoRoute, TooSlow, Translated, memory_of, missing, way_of
from translations.machine.packages import BadPackage, Installed, install, installed, remove

__all__ = [
    "BadPackage", "Installed", "Machine", "NoRoute", "TooSlow", "Translated",
    "install", "installed", "memory_of", "missing", "remove", "try_out", "way_of",
]  # fmt: skip
