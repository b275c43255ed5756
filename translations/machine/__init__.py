"""Machine translation on this server: Argos packages in a folder, nothing asked of the network but on purpose.

`Machine` translates; `packages` installs, lists and removes. Pure of the hub: no tables, no web.
"""

from translations.machine.engine import Machine, NoRoute, TooSlow, Translated
from translations.machine.packages import BadPackage, Installed, install, installed, remove

__all__ = [
    "BadPackage", "Installed", "Machine", "NoRoute", "TooSlow", "Translated",
    "install", "installed", "remove",
]  # fmt: skip
