/** The build for a script tag: everything, as the global `chatvitals`. */
export * from "./index";
