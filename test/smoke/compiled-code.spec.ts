import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BuiltService, makeServiceHome, type ServiceHome } from '../support/built-service.js';

let home: ServiceHome;
let folder: string;

beforeEach(async () => {
  home = await makeServiceHome();
  folder = join(home.dataDir, 'compiled-code');
});
afterEach(() => home.remove());

const runOnce = async () => (await BuiltService.start(home)).stop();
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('what was compiled', () => {
  it("is kept in the data folder, for the service's user alone, and the next start takes nothing more", async () => {
    await runOnce();
    const kept = await readdir(folder, { recursive: true });
    expect(kept.length).toBeGreaterThan(1_000);
    expect(await modeOf(folder)).toBe(0o700);

    expect(await runOnce()).toBe(0);

    expect((await readdir(folder, { recursive: true })).length).toBeLessThan(kept.length * 1.1);
  });

  it.each([
    ['others could change it', 0o777],
    ['another build left it', 0o700],
  ])('is thrown away where %s', async (_name, mode) => {
    await mkdir(join(folder, 'of-another-build'), { recursive: true });
    await writeFile(join(folder, 'of-another-build/planted'), 'x');
    await chmod(folder, mode);

    await runOnce();

    expect(await readdir(folder)).not.toContain('of-another-build');
    expect(await modeOf(folder)).toBe(0o700);
  });
});
