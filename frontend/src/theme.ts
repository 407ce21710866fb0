/** Before anything is painted: the theme that was chosen, and that there is script (`.scripted` shows). */
import { chosenTheme, wearTheme } from "./themes.ts";

document.documentElement.dataset["scripted"] = "";
wearTheme(chosenTheme());
