import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAdmin } from '../../src/cli/run-admin.js';
import { runsHere } from '../support/not-hosted.js';
import { SocketClient } from '../support/socket-client.js';
import { AccessFixture, bearer, HOME, userToken } from './access-fixture.js';
import { startHttpApp } from './http-app.js';

let fixture: AccessFixture;
beforeAll(async () => {
  fixture = await AccessFixture.start();
});
afterAll(() => fixture?.stop());

const call = (path: string, token: string) => fixture.http.api.call('GET', path, undefined, bearer(token));
const mayRead = async (token: string) => (await call('/api/organizations', token)).status === 200;

describe('the command line', () => {
  async function admin(...args: string[]) {
    const said = { result: '', note: '' };
    const environment = { NODE_ENV: 'test', ...fixture.http.storeEnvironment };
    const code = await runAdmin(args, environment, {
      result: (text) => (said.result += text),
      note: (text) => (said.note += text),
    });
    return { code, ...said };
  }

  it('makes a key that may do everything, while the service runs', async () => {
    const made = await admin('create-key', '--name', 'first', '--expires', '90d');

    expect(made).toMatchObject({ code: 0, note: expect.stringMatching(/whole service; it ends at 20/) });
    expect((await call('/api/admin/api-keys', made.result)).status).toBe(200);
    expect((await admin('list-keys')).result).toMatch(
      new RegExp(`${made.result.slice(0, 12)} \\| first +\\|`),
    );
  });

  it('makes organizations, members and their keys, and revokes those', async () => {
    const user = randomUUID();
    expect(await admin('create-organization', 'org_cli', '--name', 'Sol')).toMatchObject({ code: 0 });
    expect(await admin('add-member', 'org_cli', user, '--role', 'owner')).toMatchObject({ code: 0 });
    expect(await mayRead(userToken(user))).toBe(true);
    const { result: key } = await admin('create-key', '--organization', 'org_cli', '--scopes', 'read,send');
    const client = await SocketClient.connect(fixture.http.url, { auth: { token: key } });
    await client.call('join-organization', 'org_cli');
    expect((await call('/api/admin/api-keys', key)).status).toBe(403);

    expect(await admin('revoke-key', key.slice(0, 12))).toMatchObject({ code: 0 });

    expect(await mayRead(key)).toBe(false);
    expect(await client.waitFor('exception')).toMatchObject([{ success: false, code: 'unauthorized' }]);
    await client.disconnected();
  });

  it.each([
    [2, /read,send,manage/, ['create-key', '--organization', HOME]],
    [2, /read,send,manage/, ['create-key', '--organization', HOME, '--scopes', 'admin']],
    [2, /needs --organization/, ['create-key', '--scopes', 'read']],
    [2, /12h, 90d or 52w/, ['create-key', '--expires', 'soon']],
    [2, /Unknown option/, ['create-key', '--nonsense']],
    [1, /no organization/, ['create-key', '--organization', 'org_missing', '--scopes', 'read']],
    [1, /no key with this beginning/, ['revoke-key', 'auz_00000000']],
    [2, /UUID/, ['add-member', HOME, 'ana', '--role', 'owner']],
    [2, /npm run admin/, ['make-tea']],
    [2, /create-key/, []],
    [0, /create-key/, ['--help']],
  ])('ends with %i and says %s', async (code, note, args) => {
    expect(await admin(...args)).toMatchObject({ code, result: '', note: expect.stringMatching(note) });
  });
});

describe('a service that nobody could call', () => {
  it.runIf(runsHere('first key by the data directory'))('starts once there is a key', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'auzap-first-key-'));
    let key = '';
    const code = await runAdmin(
      ['create-key'],
      { NODE_ENV: 'test', DATA_DIR: dataDir },
      { result: (text) => (key = text), note: () => undefined },
    );
    const http = await startHttpApp({ AUTH_MODE: 'required', DATA_DIR: dataDir });
    const answer = await http.api.call('GET', '/api/admin/api-keys', undefined, bearer(key));
    await http.stop();
    await rm(dataDir, { recursive: true });

    expect([code, answer.status]).toEqual([0, 200]);
  });

  it.runIf(runsHere('no way in'))('does not start, and says what to do', async () => {
    await expect(startHttpApp({ AUTH_MODE: 'required' })).rejects.toThrow(
      /ADMIN_API_KEY must be set, or a key made by: npm run admin -- create-key/,
    );
  });
});
