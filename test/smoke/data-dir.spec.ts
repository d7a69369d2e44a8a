import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mkdir } from 'node:fs/promises';
import { BuiltService, environmentOf, type ServiceHome } from '../support/built-service.js';
import { makeMigratedHome } from '../support/migrated-copy.js';
import { ContainedProcess } from '../support/contained-process.js';
import { lostOf, contend } from './data-dir-contention.js';

/** `DATA_DIR_STARTS=50 npx vitest run --project smoke test/smoke/data-dir.spec.ts` is the long form. */
const STARTS = Number(process.env.DATA_DIR_STARTS ?? 8);
const LIMIT_MS = 120_000 + STARTS * 15_000;

let home: ServiceHome;
let running: BuiltService | undefined;

beforeEach(async () => {
  home = await makeMigratedHome();
  await mkdir(home.dataDir, { recursive: true, mode: 0o700 });
});
afterEach(async () => {
  await running?.stop('SIGKILL');
  running = undefined;
  await home.remove();
});

describe('one folder and several containers', () => {
  it(
    'has one owner at a time, however they start and end, and loses nothing that was confirmed',
    { timeout: LIMIT_MS },
    async () => {
      const contention = await contend(home, STARTS);

      running = await BuiltService.start(home, { DATA_DIR_WAIT_SECONDS: '0' });
      const lost = await lostOf(contention, running.api);
      const confirmed = [...contention.confirmed.values()].flat().length;
      process.stdout.write(
        `${STARTS} starts: ${contention.owners} had the folder, ${contention.refused} were refused, ${contention.killedEarly} killed early, ${confirmed} creations confirmed, ${lost.length} lost\n`,
      );

      expect(contention.overlaps).toEqual([]);
      expect(lost).toEqual([]);
      expect(confirmed).toBeGreaterThan(0);
      expect(contention.owners + contention.refused + contention.killedEarly).toBe(STARTS);
      for (const sentence of contention.sentences) {
        expect(sentence).toMatch(
          /^The service could not start: The embedded database in .* is in use by (process \d+ on host \S+ since \S+|another process)\. Stop that one/,
        );
      }
      expect(contention.sentences).toHaveLength(contention.refused);
    },
  );

  it('goes to the new version as soon as the old one gives it back', async () => {
    running = await BuiltService.start(home);
    const id = await running.api.createInstance('org_123', '5511999887766');
    const next = ContainedProcess.start(
      'main.js',
      { ...environmentOf(home), DATA_DIR_WAIT_SECONDS: '60' },
      home.dataDir,
    );
    let output = '';
    const { promise: waits, resolve: onWait } = Promise.withResolvers<void>();
    const { promise: answers, resolve: onAnswer } = Promise.withResolvers<void>();
    next.onOutput((text) => {
      output += text;
      if (output.includes('another process has DATA_DIR: waiting for its end')) {
        onWait();
      }
      if (output.includes('"service started"')) {
        onAnswer();
      }
    });
    await waits;
    expect((await running.api.call('GET', `/api/whatsapp/instances/${id}`)).status).toBe(200);

    expect(await running.stop('SIGTERM')).toBe(0);

    await answers;
    next.signal('SIGTERM');
    expect(await next.ended()).toBe(0);
  });

  it('is waited for no longer once the new version is told to stop', async () => {
    running = await BuiltService.start(home);
    const next = ContainedProcess.start(
      'main.js',
      { ...environmentOf(home), DATA_DIR_WAIT_SECONDS: '600' },
      home.dataDir,
    );
    let output = '';
    next.onOutput((text) => {
      output += text;
      if (text.includes('waiting for its end')) {
        next.signal('SIGTERM');
      }
    });

    expect(await next.ended()).toBe(1);
    expect(output).toMatch(/is in use by process \d+ on host/);
    expect(await running.stop('SIGTERM')).toBe(0);
  });
});
