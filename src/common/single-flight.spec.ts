import { describe, expect, it } from 'vitest';
import { SingleFlight } from './single-flight.js';

describe('SingleFlight', () => {
  const row = () => Promise.resolve('row');
  const gone = () => Promise.reject<string>(new Error('gone'));
  it.each<[string, () => Promise<string>, unknown]>([
    ['a result', row, 'row'],
    ['a failure', gone, new Error('gone')],
  ])('gives %s to all who share a run, and runs anew for who comes later', async (_name, end, expected) => {
    const flight = new SingleFlight<string>();
    let runs = 0;
    const work = async () => {
      runs += 1;
      await Promise.resolve();
      return end();
    };
    const ask = () => flight.run(work).catch((error: unknown) => error);

    expect(await Promise.all([ask(), ask(), ask()])).toEqual([expected, expected, expected]);
    expect([runs, flight.current]).toEqual([1, undefined]);
    expect(await ask()).toEqual(expected);
    expect(runs).toBe(2);
  });

  it('tells of the run under way', async () => {
    const flight = new SingleFlight<string>();

    const run = flight.run(row);

    expect(flight.current).toBe(run);
    await run;
    expect(flight.current).toBeUndefined();
  });
});
