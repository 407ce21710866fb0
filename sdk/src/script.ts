/** The build for a script tag: everything, as the global `chatvitals`. */
import {
  followMessages, holdBack, indexedDbArea, keepConversation, measureAnswer, measureBoot, measureBundle, measureErrors,
  measureFetch, measureHost, measureMemory, measureMessages, measureNavigation, measureScroll, measureStorage,
  measureTabs, probeStorage,
} from "./helpers/index";
import { init } from "./index";

(window as { chatvitals?: object }).chatvitals = {
  followMessages, holdBack, indexedDbArea, init, keepConversation, measureAnswer, measureBoot, measureBundle,
  measureErrors, measureFetch, measureHost, measureMemory, measureMessages, measureNavigation, measureScroll,
  measureStorage, measureTabs, probeStorage,
};
