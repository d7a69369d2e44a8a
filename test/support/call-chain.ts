import type { HostedCall } from './hosted/counters.js';

/**
 * What somebody waited for who asked at `from` and was answered at `to`: the longest chain of calls of which each began when
 * the one before it was answered. Calls that are under way at the same time count once.
 *
 * @param isByItself what the process does by itself, whether or not anybody asks
 * @returns the names of these calls
 */
export function callsInARow(
  calls: readonly HostedCall[],
  { from, to }: { from: number; to: number },
  isByItself: (name: string) => boolean,
): string[] {
  const within = calls.filter(
    ({ name, startedAt, endedAt }) => startedAt >= from && endedAt <= to && !isByItself(name),
  );
  const chain: HostedCall[] = [];
  for (const call of within.toSorted((a, b) => a.endedAt - b.endedAt)) {
    if (call.startedAt >= (chain.at(-1)?.endedAt ?? 0)) {
      chain.push(call);
    }
  }
  return chain.map(({ name }) => name);
}
