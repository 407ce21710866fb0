/** Sets the theme that was chosen before the page is painted; without a choice the style sheet asks the system. */
import { chosenTheme, wearTheme } from "./themes.ts";

wearTheme(chosenTheme());
