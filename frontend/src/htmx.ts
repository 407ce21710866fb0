/**
 * The one htmx; the meta element `htmx-config` of the layout configures it before its first request. What a link leads to
 * is asked for when the button of the mouse goes down on it, about a tenth of a second before it comes up; a tab's also
 * when a keyboard gets to it.
 */
import htmx from "htmx.org";
import "htmx.org/dist/ext/hx-preload.js";

export default htmx;
