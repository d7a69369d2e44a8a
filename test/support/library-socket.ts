import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  initAuthCreds,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  type WASocket,
} from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import { type MadeSocket, makeSocket } from '../../src/baileys/patches/make-socket.js';

const NO_KEYS: SignalKeyStore = { get: async () => ({}), set: async () => undefined };

/** A socket of the library, and the server that it dials. */
export interface LibrarySocket extends MadeSocket {
  /** What the server hears, in order. */
  heard: Buffer[];
  /** The server's side, once there is one. */
  peer: Promise<WebSocket>;
  close: () => Promise<void>;
}

/**
 * Makes a socket of the library in node_modules, for tests of what this service relies on in it. It dials a server that says nothing.
 * @param refuse answers the upgrade with this status
 */
export async function aLibrarySocket(
  options: Partial<UserFacingSocketConfig> = {},
  refuse?: number,
): Promise<LibrarySocket> {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const heard: Buffer[] = [];
  const peer = Promise.withResolvers<WebSocket>();
  const server = refuse === undefined ? new WebSocketServer({ server: http }) : undefined;
  server?.on('connection', (line) => {
    line.on('message', (data: Buffer) => heard.push(data));
    line.on('error', () => undefined);
    peer.resolve(line);
  });
  if (refuse !== undefined) {
    http.on('upgrade', (_request, tcp) => tcp.end(`HTTP/1.1 ${refuse} Refused\r\nContent-Length: 0\r\n\r\n`));
  }
  const made = makeSocket({
    auth: { creds: initAuthCreds(), keys: NO_KEYS },
    logger: pino({ level: 'silent' }),
    waWebSocketUrl: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ws`,
    ...options,
  });
  return { ...made, heard, peer: peer.promise, close: () => end(made.socket, http, server) };
}

/** @returns the text of a file under node_modules, for what can't be seen by running it */
export function libraryText(path: string): string {
  return readFileSync(new URL(`../../node_modules/${path}`, import.meta.url), 'utf8');
}

async function end(socket: WASocket, http: Server, server: WebSocketServer | undefined): Promise<void> {
  const { socket: raw } = socket.ws as unknown as { socket: WebSocket | null };
  raw?.on('error', () => undefined);
  raw?.terminate();
  await socket.end(undefined).catch(() => undefined);
  server?.clients.forEach((line) => line.terminate());
  server?.close();
  http.closeAllConnections();
  http.close();
  await once(http, 'close');
}
