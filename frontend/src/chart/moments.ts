/** Times on the axis and in the hover panel, in the chart's zone. */
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** How the ticks of an axis are told that are `incrementMs` apart: the day once, times of the day otherwise. */
export function tickWords(times: readonly number[], incrementMs: number, zone: string): string[] {
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, day: "numeric", month: "short" });
  if (incrementMs >= DAY_MS) return times.map((time) => day.format(time));
  const clock = clockFormat(zone, incrementMs < MINUTE_MS);
  return times.map((time) => {
    const words = clock.format(time);
    return words === "00:00" ? day.format(time) : words;
  });
}

/** A step in words, with its zone: "Tue 24 Nov, 14:02–14:03 CET". */
export function stepWords(time: number, stepMs: number, zone: string): string {
  const seconds = stepMs < MINUTE_MS;
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: zone, weekday: "short", day: "numeric", month: "short" });
  const clock = clockFormat(zone, seconds);
  return `${day.format(time)}, ${clock.format(time)}–${clock.format(time + stepMs)} ${zoneName(time, zone)}`;
}

function clockFormat(zone: string, seconds: boolean): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  });
}

function zoneName(time: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "short" }).formatToParts(time);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? zone;
}
