/** What measures by itself: a line of the widget's code for each. */
export { type Boot, measureBoot } from "./boot";
export { measureBundle } from "./bundle";
export { measureFetch } from "./calls";
export { probeStorage } from "./census";
export { type Course, followMessages } from "./course";
export { measureErrors } from "./errors";
export { holdBack } from "./holdout";
export { measureHost } from "./host";
export { type Kept, keepConversation, type Ledger, type Restored } from "./ledger";
export { measureMemory } from "./memory";
export { measureMessages, measureScroll } from "./messages";
export { measureNavigation } from "./navigation";
export { type Area, indexedDbArea, type Measured, measureStorage } from "./storage";
export { type Answer, measureAnswer } from "./stream";
export { measureTabs, type TabChannel } from "./tabs";
