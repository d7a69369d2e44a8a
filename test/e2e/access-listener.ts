import { expect, onTestFinished } from 'vitest';
import { SocketClient } from '../support/socket-client.js';
import { type AccessFixture, HOME, userToken } from './access-fixture.js';

/** @returns a socket that has joined the organization; closed when the test is over */
export async function listening(
  fixture: AccessFixture,
  token: string,
  organizationId = HOME,
): Promise<SocketClient> {
  const client = await SocketClient.connect(fixture.http.url, { auth: { token } });
  onTestFinished(() => client.close());
  expect(await client.call('join-organization', organizationId)).toMatchObject({ success: true });
  return client;
}

/** With a token of the user that is valid for so many seconds, or for longer on a machine that needs longer to begin. */
export async function listeningFor(
  fixture: AccessFixture,
  seconds: number,
  user: string,
): Promise<SocketClient> {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return listening(fixture, userToken(user, { exp })).catch((error: unknown) => {
    if (Date.now() / 1000 < exp) {
      throw error;
    }
    return listeningFor(fixture, 2 * seconds, user);
  });
}

/** The service says that the token is worth nothing any more, and closes the socket. */
export async function expectEnded(client: SocketClient): Promise<void> {
  await client.waitFor('exception');
  expect(client.payloads('exception')).toMatchObject([{ success: false, code: 'unauthorized' }]);
  await client.disconnected();
}

/** The service says that the caller has left an organization; the socket stays. */
export async function expectRemoved(client: SocketClient): Promise<void> {
  await client.waitFor('exception');
  expect(client.payloads('exception')).toMatchObject([{ code: 'organization_forbidden' }]);
}
