/** Random lower-case hexadecimal digits, two for each byte. */
export const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A version 4 UUID (RFC 9562); `crypto.randomUUID` is there only in secure contexts. */
export const uuid = (): string => hex(16).replace(/(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-4$3-a$4-");
