/**
 * One wish to stop may come twice: a terminal sends Ctrl-C to all of its processes, and npm passes on to its script what it
 * gets itself.
 */
const SAME_WISH_MS = 1_000;

/**
 * Listens to SIGTERM and SIGINT.
 * @param stop called at the first
 * @param again called at each that is a further wish; nothing by default
 * @returns no longer listens
 */
export function onStopSignal(
  stop: (signal: NodeJS.Signals) => void,
  again: (signal: NodeJS.Signals) => void = () => undefined,
): () => void {
  let first: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = performance.now();
      stop(signal);
    } else if (performance.now() - first > SAME_WISH_MS) {
      again(signal);
    }
  };
  process.on('SIGTERM', listener).on('SIGINT', listener);
  return () => {
    process.off('SIGTERM', listener).off('SIGINT', listener);
  };
}
