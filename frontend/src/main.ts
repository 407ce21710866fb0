// What every page loads: htmx, the islands that the page has, and all that works by keyboard and by itself.
import "./htmx.ts";
import { startActions } from "./actions.ts";
import { startDrops } from "./drops.ts";
import { startIslands } from "./islands.ts";
import { startKeyboard } from "./keyboard.ts";
import { live } from "./live/live.ts";
import { startNavigation } from "./navigation.ts";
import { startRows } from "./rows.ts";
import { startSettings } from "./settings.ts";
import { offerValues } from "./suggestions.ts";
import { startTables } from "./tables.ts";
import { startTimes } from "./times.ts";

startNavigation();
startActions();
startDrops();
startKeyboard();
startRows();
startSettings();
offerValues();
startTables();
startTimes();
live.start();
startIslands(document);
