import type { ChildProcess } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  BuiltService,
  environmentOf,
  makeServiceHome,
  runToExit,
  type ServiceHome,
} from '../support/built-service.js';
import { TestIssuer } from '../support/certificates.js';
import { endProcess } from '../support/end-process.js';
import { freePort } from '../support/free-port.js';
import { PostgresCluster } from '../support/postgres-cluster.js';

let folder: string;
let port: number;
let server: ChildProcess;
let home: ServiceHome;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'auzap-tls-'));
  port = await freePort();
  const cluster = await PostgresCluster.create(folder);
  const { cert, key } = new TestIssuer('Own issuer').issue({ name: 'database', hosts: ['localhost'] });
  for (const [name, text] of Object.entries({ 'server.pem': cert, 'server.key': key })) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    await chown(
      join(folder, name),
      cluster.user.uid ?? process.getuid!(),
      cluster.user.gid ?? process.getgid!(),
    );
  }
  const files = ['server.pem', 'server.key'].map((name) => join(folder, name));
  server = await cluster.serve(port, ['ssl=on', `ssl_cert_file=${files[0]}`, `ssl_key_file=${files[1]}`]);
  home = await makeServiceHome();
});
afterAll(async () => {
  await endProcess(server, 'SIGINT');
  await home.remove();
  await rm(folder, { recursive: true, force: true });
});

const address = (mode: string) => `postgres://postgres@localhost:${port}/postgres?sslmode=${mode}`;

it('is taken with sslmode=require, without a warning of a library', async () => {
  const service = await BuiltService.start(home, { DATABASE_URL: address('require') });

  expect(await service.stop()).toBe(0);
  const strange = service.output.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  expect(strange).toEqual([]);
});

it('is refused with sslmode=verify-full, with a hint at sslrootcert', async () => {
  const { code, output } = await runToExit('main.js', {
    ...environmentOf(home),
    DATABASE_URL: address('verify-full'),
  });

  expect(code).toBe(1);
  expect(output).toMatch(/was issued by nobody whom this machine knows: name .* as sslrootcert/);
});
