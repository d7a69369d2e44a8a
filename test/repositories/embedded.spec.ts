import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from '../../src/supabase/data-dir-lock.js';
import { openDatabase } from '../../src/supabase/open-database.js';
import { runSql } from '../../src/supabase/sql-client.js';
import { SqlServer } from '../../src/supabase/sql-server.js';
import { sqlSocketPath } from '../../src/supabase/sql-socket.js';

describe('the embedded database', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'auzap-data-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const open = () => openDatabase({ store: { kind: 'embedded', dataDir } });

  it('keeps what was stored, and is migrated once', async () => {
    const first = await open();
    expect(first.migrated).not.toEqual([]);
    await first.client.from('organizations').insert({ id: 'org_kept' });
    await first.close();

    const second = await open();

    expect(second.migrated).toEqual([]);
    expect((await second.client.from('organizations').select('id')).data).toEqual([{ id: 'org_kept' }]);
    await second.close();
  });

  it('lets the rest of the process have its turn, however many statements one caller runs', async () => {
    const database = await open();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);

    for (let statement = 0; statement < 20; statement += 1) {
      await database.sql('select pg_sleep(0.002)');
    }

    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
    await database.close();
  });

  it('refuses a folder that a living process has open, naming it', async () => {
    const database = await open();

    await expect(open()).rejects.toMatchObject({ name: 'DataDirInUseError', pid: process.pid });
    expect((await database.sql('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await database.close();
    await (await open()).close();
  });

  it.each([
    ['of a dead process', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null })],
    ['of a process whose number was given to another', JSON.stringify({ pid: process.ppid, startedAt: '1' })],
    ['of an earlier process with our number', JSON.stringify({ pid: process.pid, startedAt: '1' })],
    ['that is no lock', 'garbage'],
  ])('takes over the lock %s', async (_name, content) => {
    await writeFile(join(dataDir, 'db.lock'), content);

    const unlock = await lockDataDir(dataDir);

    expect(JSON.parse(await readFile(join(dataDir, 'db.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    await expect(lockDataDir(dataDir)).rejects.toMatchObject({ pid: process.pid });
    await unlock();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('gives a stale lock to one of many that want it', async () => {
    await writeFile(join(dataDir, 'db.lock'), 'garbage');

    const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir)));

    expect(wanted.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('takes SQL of the operator while the service runs, and without it', async () => {
    const database = await open();
    const server = await SqlServer.listen(dataDir, database.sql);
    expect((await stat(sqlSocketPath(dataDir))).mode & 0o777).toBe(0o600);

    expect(
      await runSql({ dataDir }, `insert into organizations (id) values ('org_123') returning id, event_seq`),
    ).toEqual({
      fields: ['id', 'event_seq'],
      rows: [{ id: 'org_123', event_seq: 0 }],
      rowCount: 1,
      isCut: false,
    });
    expect(
      await runSql({ dataDir }, `SELECT id, created_at, '\\x00'::bytea as b FROM organizations;`),
    ).toMatchObject({
      rows: [{ id: 'org_123', created_at: expect.stringMatching(/Z$/) as string, b: '\\x00' }],
    });
    expect(await runSql({ dataDir }, 'select nonsense')).toMatchObject({ error: { code: '42703' } });
    expect(await runSql({ dataDir }, 'select 1; select 2')).toMatchObject({ error: { code: '42601' } });
    expect(await runSql({ dataDir }, '-- x\n begin')).toMatchObject({ error: { code: '0A000' } });
    expect(await runSql({ dataDir }, 'select * from generate_series(1, 1500)')).toMatchObject({
      rowCount: 1500,
      isCut: true,
    });
    await server.close();
    await expect(runSql({ dataDir }, 'select 1')).rejects.toMatchObject({ name: 'DataDirInUseError' });
    await database.close();

    expect(await runSql({ dataDir }, 'select id from organizations')).toMatchObject({
      rows: [{ id: 'org_123' }],
    });
  });

  it('says what to do when there is no database yet', async () => {
    await expect(runSql({ dataDir: join(dataDir, 'none') }, 'select 1')).rejects.toThrow(
      /no embedded database/,
    );
  });

  it('finds a short path for the socket of a deep folder', () => {
    const path = sqlSocketPath(join('/', 'x'.repeat(200)));

    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100);
    expect(path).not.toBe(sqlSocketPath(join('/', 'y'.repeat(200))));
  });
});
