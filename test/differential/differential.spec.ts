import { expect, it } from 'vitest';
import { LEAST_SHARE } from './command.js';
import { runHistory, type Shares } from './run-history.js';

/** Of each group; `npm run test:differential` runs more. */
const HISTORIES = 40;
const STEPS = 30;

it.each(['a', 'b', 'c', 'd', 'e'])(
  'the fast lane stores and says what the library would have: group %s',
  async (group) => {
    const total: Shares = { fast: 0, library: 0 };
    for (let index = 0; index < HISTORIES; index++) {
      const { fast, library } = await runHistory(`${group}-${index}`, STEPS);
      total.fast += fast;
      total.library += library;
    }

    expect(total.fast / (total.fast + total.library)).toBeGreaterThan(LEAST_SHARE);
  },
);
