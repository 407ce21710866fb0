// A part of the page, named after its address: part.js?name=own. Whatever it does, its address is to blame.
{
  const part = {
    busy(forMs) {
      const untilMs = performance.now() + forMs;
      while (performance.now() < untilMs);
    },
    press() {
      part.busy(200);
    },
    fail(message) {
      setTimeout(() => {
        throw new TypeError(message);
      });
    },
    reject(message) {
      Promise.reject(new RangeError(message));
    },
  };
  window[new URL(document.currentScript.src).searchParams.get("name")] = part;
}
