import { expect, it } from 'vitest';
import { runToExit } from '../support/built-service.js';

/** Ends at once after everything is imported, and makes Node tell what it found compiled. */
const ENDS_AT_ONCE = { PORT: 'none', NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };

it.each(['main.js', 'worker.js'])('%s starts with what Node compiled at an earlier start', async (entry) => {
  await runToExit(entry, ENDS_AT_ONCE);

  const { output } = await runToExit(entry, ENDS_AT_ONCE);

  const taken = output.split('\n').filter((line) => line.includes('was accepted'));
  expect(taken.some((line) => line.includes('/dist/run-process.js'))).toBe(true);
  expect(taken.some((line) => line.includes('/node_modules/@nestjs/core/'))).toBe(true);
});
