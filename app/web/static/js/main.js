// What every page runs. Pages work without it; it makes them live.
import { startComposer } from "./composer.js";
import { startDrafts } from "./drafts.js";
import { startMenus } from "./menus.js";
import { startLists } from "./lists.js";
import { startLive } from "./live.js";
import { startPalette } from "./palette.js";
import { startPresence } from "./presence.js";
import { startSelect } from "./select.js";
import { startShortcuts } from "./shortcuts.js";
import { startThread } from "./thread.js";

startLists();
startLive();
startThread();
startComposer();
startDrafts();
startMenus();
startPresence();
startSelect();
startPalette();
startShortcuts();
