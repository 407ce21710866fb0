/** The one htmx; the meta element `htmx-config` of the layout configures it before its first request. */
import htmx from "htmx.org";

export default htmx;
