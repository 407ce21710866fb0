/** What measures by itself: a line of the widget's code for each. */
export { type Boot, measureBoot } from "./boot.js";
export { measureBundle } from "./bundle.js";
export { measureFetch } from "./calls.js";
export { probeStorage } from "./census.js";
export { type Course, followMessages } from "./course.js";
export { measureErrors } from "./errors.js";
export { holdBack } from "./holdout.js";
export { measureHost } from "./host.js";
export { type Kept, keepConversation, type Ledger, type Restored } from "./ledger.js";
export { measureMemory } from "./memory.js";
export { measureMessages, measureScroll } from "./messages.js";
export { measureNavigation } from "./navigation.js";
export { type Area, indexedDbArea, type Measured, measureStorage } from "./storage.js";
export { type Answer, measureAnswer } from "./stream.js";
export { measureTabs, type TabChannel } from "./tabs.js";
