import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';
import { copyMigratedFolder } from '../support/migrated-copy.js';

const OTHERS = 0o077;

let home: ServiceHome;
let running: BuiltService | undefined;

beforeEach(async () => {
  home = await makeServiceHome();
});
afterEach(async () => {
  await running?.stop('SIGTERM');
  running = undefined;
  await home.remove();
});

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

/** What is in a folder that others than its owner may use; what is in a closed folder is closed with it. */
async function loose(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const modes = await Promise.all(
    names.map(async (name) => ({ name, mode: (await stat(join(folder, name))).mode })),
  );
  return modes.filter(({ mode }) => (mode & OTHERS) !== 0).map(({ name }) => name);
}

describe('files that the service makes', () => {
  it('are its own, with their folders', async () => {
    running = await BuiltService.start(home);
    await running.api.createInstance('org_123', '5511999887766');

    expect([
      await modeOf(home.dataDir),
      await modeOf(dirname(home.logFile)),
      await modeOf(home.logFile),
    ]).toEqual(['700', '700', '600']);
    expect((await readdir(home.dataDir)).length).toBeGreaterThan(2);
    expect(await loose(home.dataDir)).toEqual([]);
  });
});

describe('what was open to others before', () => {
  it('is closed at the start, which says so once', async () => {
    await copyMigratedFolder(home.dataDir);
    await mkdir(dirname(home.logFile));
    await writeFile(home.logFile, '');
    await Promise.all([chmod(home.dataDir, 0o777), chmod(home.logFile, 0o644)]);

    running = await BuiltService.start(home);

    expect([await modeOf(home.dataDir), await modeOf(home.logFile)]).toEqual(['700', '600']);
    expect(running.output).toContain(`until now, and is closed to them: chmod 700 ${home.dataDir}`);
    await running.stop('SIGTERM');
    running = await BuiltService.start(home);
    expect(running.output).not.toContain('is closed to them');
  });

  it('is left to a group that was let in to the log by hand', async () => {
    await copyMigratedFolder(home.dataDir);
    await mkdir(dirname(home.logFile));
    await writeFile(home.logFile, '');
    await chmod(home.logFile, 0o640);

    running = await BuiltService.start(home);

    expect(await modeOf(home.logFile)).toBe('640');
  });
});
