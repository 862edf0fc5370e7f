const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000001,
};

/**
 * A Go duration (`90s`, `1m30s`) as Go writes it (`1m30s`), since Consul answers so and records compare as text.
 * To the millisecond, upward; `undefined` where it is none or zero. Consul answers 400 to a whole batch for a bad one.
 */
export const toDuration = (text: string | undefined): string | undefined => {
  const match = text?.trim().match(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/);
  if (!match) return undefined;
  const parts = match[0].matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g);
  const total = [...parts].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
  return format(Math.ceil(total));
};

const format = (ms: number): string | undefined => {
  // Go counts nanoseconds in 63 bits: 292 years.
  if (ms <= 0 || ms > 9e15) return undefined;
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1_000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
};
