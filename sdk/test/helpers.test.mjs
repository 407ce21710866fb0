// What the helpers compute without a browser.
import assert from "node:assert/strict";
import { test } from "node:test";

const { framesOf, fromCache, hash, nameOf } = await import(process.env.SDK_UNITS);

test("a hash is FNV-1a in base 36", () => {
  assert.equal(hash(""), (0x811c9dc5).toString(36));
  assert.equal(hash("a"), (0xe40c292c).toString(36));
  assert.equal(hash("foobar"), (0xbf9cf968).toString(36));
});

test("frames are late beyond one and a half intervals", () => {
  const met = framesOf([0, 16, 32, 56, 81, 97], 16);
  assert.deepEqual([met.frames, met.lateFrames, met.duration], [5, 1, 97]);
  assert.equal(met.fps, 5_000 / 97);
  assert.equal(met.minFps, 40);
});

test("a file is from the cache when less came than it has; unknown stays unknown", () => {
  assert.equal(fromCache({ transferSize: 0, encodedBodySize: 10 }), true);
  assert.equal(fromCache({ transferSize: 310, encodedBodySize: 10 }), false);
  assert.equal(fromCache({ transferSize: 0, encodedBodySize: 0 }), undefined);
});

test("whatever is thrown has a name", () => {
  assert.equal(nameOf(new RangeError("x")), "RangeError");
  assert.deepEqual([undefined, null, "text", {}].map(nameOf), ["Error", "Error", "Error", "Error"]);
});
