// What every page runs. Pages work without it; it makes them live.
import { startComposer } from "./composer.js";
import { startDrafts } from "./drafts.js";
import { startLists } from "./lists.js";
import { startLive } from "./live.js";
import { startMenus } from "./menus.js";
import { startPresence } from "./presence.js";
import { startSearch } from "./search.js";
import { startThread } from "./thread.js";

startLists();
startLive();
startThread();
startComposer();
startDrafts();
startMenus();
startPresence();
startSearch();
