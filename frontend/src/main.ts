import "./htmx.ts";
import { startIslands } from "./islands.ts";

startIslands(document.body);
