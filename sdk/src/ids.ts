/** Random hexadecimal digits. */
const digits = (count: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => (byte % 16).toString(16)).join("");

/** A version 7 UUID (RFC 9562), which begins with the time: 11 digits, until the year 2527. */
export const uuid = (): string =>
  `0${Date.now().toString(16).slice(0, 11)}${digits(18)}`.replace(/(.{8})(.{4})(.{3})(.{3})/, "$1-$2-7$3-a$4-");

/** When the UUID was made with which a text begins; NaN where there is none. */
export const madeMs = (text: string): number => parseInt(text.replace("-", ""), 16);
