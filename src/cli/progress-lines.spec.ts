import { expect, it } from 'vitest';
import { ProgressLines } from './progress-lines.js';

it('tells how far it is, how fast, and how long it will take, once a second', () => {
  const lines: string[] = [];
  let now = 0;
  const progress = new ProgressLines(
    (line) => lines.push(line),
    () => now,
  );

  progress.began('session keys', 1_000);
  now = 500;
  progress.advanced(100, 50);
  now = 2_000;
  progress.advanced(400, 90);
  progress.ended();
  progress.began('webhook secrets', 0);
  progress.ended();

  expect(lines).toEqual([
    'session keys: 400/1000 checked (40 %), 90 sealed anew, 200/s, about 3 s left',
    'session keys: 400/1000 checked (40 %), 90 sealed anew, done',
  ]);

  progress.began('copying contacts', 10);
  progress.advanced(10);
  progress.ended();

  expect(lines.at(-1)).toBe('copying contacts: 10/10 rows (100 %), done');
});
