/** @returns the value below which a share of the values lies (0.99: p99), or undefined without values */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0];
}

/** @returns the middle one, or the mean of the two in the middle; undefined without values */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined || lower === undefined || sorted.length % 2 === 1) {
    return upper;
  }
  return (upper + lower) / 2;
}

/** What several rounds gave. */
export interface Spread {
  median: number;
  low: number;
  high: number;
}

/** @returns undefined without values */
export function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  const middle = median(known);
  return middle === undefined
    ? undefined
    : { median: middle, low: Math.min(...known), high: Math.max(...known) };
}

/** p50 and p99 in ms. */
export interface Latency {
  p50: number | undefined;
  p99: number | undefined;
}

/** @returns p50 and p99 of one round */
export function latencyOf(values: readonly number[]): Latency {
  return { p50: quantile(values, 0.5), p99: quantile(values, 0.99) };
}

/** @returns the medians of several rounds' p50 and p99 */
export function medianLatency(rounds: readonly Latency[]): Latency {
  return { p50: median(rounds.map(({ p50 }) => p50)), p99: median(rounds.map(({ p99 }) => p99)) };
}
