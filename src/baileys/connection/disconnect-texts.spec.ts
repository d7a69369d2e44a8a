import { DisconnectReason } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aLibrarySocket, type LibrarySocket, libraryText } from '../../../test/support/library-socket.js';

/** An error as the library ends a connection with it. */
interface Ending {
  message: string;
  data?: unknown;
  output?: { statusCode?: number };
}

let made: LibrarySocket;
let ending: Promise<Ending>;

beforeEach(async () => {
  made = await aLibrarySocket();
  ending = new Promise((resolve) => {
    made.socket.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      if (connection === 'close') {
        resolve(lastDisconnect?.error as unknown as Ending);
      }
    });
  });
});

afterEach(async () => {
  await made.close();
});

describe('what the library says of the end of a connection, which the disconnect policy goes by', () => {
  it.each<[string, object, RegExp, number]>([
    ['CB:stream:error', { code: '515' }, /^Stream Errored/, 515],
    ['CB:stream:error', { code: '401' }, /^Stream Errored/, 401],
    ['CB:failure', { reason: '403' }, /^Connection Failure/, 403],
    ['CB:ib,,downgrade_webclient', {}, /^Multi-device beta/, 411],
    ['CB:xmlstreamend', {}, /^Connection Terminated by Server$/, 428],
  ])('%s %j', async (event, attrs, message, code) => {
    made.socket.ws.emit(event, { tag: 'x', attrs, content: [] });
    const error = await ending;

    expect(error.message).toMatch(message);
    expect(error.output?.statusCode).toBe(code);
  });

  it('a conflict on the stream is 440', async () => {
    const conflict = { tag: 'conflict', attrs: { type: 'replaced' } };
    made.socket.ws.emit('CB:stream:error', { tag: 'stream:error', attrs: {}, content: [conflict] });

    expect((await ending).output?.statusCode).toBe(440);
  });

  it('a temporary ban says when it ends', async () => {
    made.socket.ws.emit('CB:failure', { tag: 'failure', attrs: { reason: '402', expire: '600' } });

    expect(await ending).toMatchObject({ data: { expire: '600' }, output: { statusCode: 402 } });
  });

  it('a fault of the network is told apart by its text', async () => {
    made.socket.ws.emit('error', new Error('Unexpected server response: 401'));

    expect((await ending).message).toMatch(/^WebSocket Error/);
  });

  it('QR strings that are used up have a text of their own', () => {
    expect(libraryText('@whiskeysockets/baileys/lib/Socket/socket.js')).toContain(
      "new Boom('QR refs attempts ended', { statusCode: DisconnectReason.timedOut })",
    );
  });

  it('has no further codes', () => {
    const codes = Object.values(DisconnectReason).filter((code) => typeof code === 'number');

    // Where there is a new one, the policy has to say what it means.
    expect(codes.toSorted((a, b) => a - b)).toEqual([401, 403, 408, 408, 411, 428, 440, 500, 503, 515]);
  });
});
