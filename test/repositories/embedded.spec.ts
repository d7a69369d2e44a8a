import { mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
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
  ])('takes over the lock %s, as versions without a lock of the system left it', async (_name, content) => {
    await writeFile(join(dataDir, 'db.lock'), content);

    const lock = await lockDataDir(dataDir);

    expect(JSON.parse(await readFile(join(dataDir, 'db.lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
      host: hostname(),
    });
    await expect(lockDataDir(dataDir)).rejects.toMatchObject({ pid: process.pid });
    lock.release();
    expect(await readdir(dataDir)).toEqual(['db.exclusive']);
  });

  it('refuses a folder that a living process of a version without a lock of the system has', async () => {
    await writeFile(join(dataDir, 'db.lock'), JSON.stringify({ pid: process.ppid, startedAt: null }));

    await expect(lockDataDir(dataDir)).rejects.toMatchObject({ pid: process.ppid });
  });

  it('gives a stale lock to one of many that want it', async () => {
    await writeFile(join(dataDir, 'db.lock'), 'garbage');

    const wanted = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dataDir)));

    expect(wanted.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  });

  it('waits for whoever has the folder, tells so once, and has it as soon as it is free', async () => {
    const lock = await lockDataDir(dataDir);
    const told: string[] = [];

    const second = await lockDataDir(dataDir, {
      waitMs: 20_000,
      onWait: (owner) => {
        told.push(owner);
        lock.release();
      },
    });

    expect(told).toEqual([expect.stringContaining(`process ${process.pid} on host ${hostname()} since 2`)]);
    second.assertHeld();
    second.release();
  });

  it.each([
    [
      'another took over',
      (folder: string) => rename(join(folder, 'other'), join(folder, 'db.lock')),
      /another process/,
    ],
    [
      'whose lock was replaced',
      (folder: string) => rename(join(folder, 'other'), join(folder, 'db.exclusive')),
      /replaced/,
    ],
    ['that was moved away', (folder: string) => rename(folder, `${folder}-moved`), /gone/],
  ])('writes nothing more to a folder %s', async (_name, lose, why) => {
    const lost: Error[] = [];
    const database = await openDatabase({
      store: { kind: 'embedded', dataDir },
      onLost: (error) => lost.push(error),
    });
    await writeFile(join(dataDir, 'other'), JSON.stringify({ pid: 1, id: 'other' }));

    await lose(dataDir);

    await expect(database.sql(`insert into organizations (id) values ('org_late')`)).rejects.toThrow(why);
    await expect(database.sql('select 1')).rejects.toThrow(why);
    expect(lost).toEqual([expect.objectContaining({ name: 'DataDirLostError' })]);
    await database.close();
    await rm(`${dataDir}-moved`, { recursive: true, force: true });
  });

  it('waits for a sign of an owner on another machine, whose lock it can not see', async () => {
    const far = {
      pid: 1,
      startedAt: null,
      id: 'far',
      host: 'far',
      boot: 'far',
      since: '2026-01-01T00:00:00.000Z',
    };
    const path = join(dataDir, 'db.lock');
    await writeFile(path, JSON.stringify(far));
    const living = setInterval(() => void utimes(path, new Date(), new Date()), 500);

    await expect(lockDataDir(dataDir)).rejects.toThrow(/process 1 on host far since 2026-01-01/);
    clearInterval(living);
    (await lockDataDir(dataDir)).release();
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
