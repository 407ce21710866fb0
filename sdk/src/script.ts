/** The build for a script tag: everything, as the global `chatvitals`. */
import {
  followMessages, holdBack, indexedDbArea, keepConversation, measureAnswer, measureBoot, measureBundle, measureErrors,
  measureFetch, measureHost, measureMemory, measureMessages, measureNavigation, measureScroll, measureStorage,
  measureTabs, probeStorage,
} from "./helpers/index.js";
import { init } from "./index.js";

/** Neighbours here are alike, which gzip makes a hundredth less of. */
(window as { chatvitals?: object }).chatvitals = {
  measureBundle, measureNavigation, holdBack, measureScroll, measureAnswer, measureStorage, measureMemory, measureBoot,
  probeStorage, init, keepConversation, measureMessages, measureTabs, followMessages, measureHost, measureFetch,
  measureErrors, indexedDbArea,
};
