import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  makeCacheableSignalKeyStore,
  makeWASocket,
  useMultiFileAuthState,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import pg from 'pg';

/**
 * The control: Baileys as its examples use it. Session keys in files, messages into Postgres when `messages.upsert` tells of
 * them. Nothing here is worse than usual; what it loses under the harness shows that the harness sees losses.
 */
const { SESSIONS_FOLDER: folder = '', WHATSAPP_WS_URL: waWebSocketUrl = '', DATABASE_URL = '' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
pool.on('error', () => undefined);
const sockets = new Map<string, WASocket>();
const quiet = {
  level: 'silent',
  child: () => quiet,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

process.on('unhandledRejection', () => undefined);
for (const name of ['log', 'info', 'warn', 'error'] as const) {
  console[name] = () => undefined;
}

async function connect(id: string, showQr: (qr: string) => void): Promise<void> {
  const { state, saveCreds } = await useMultiFileAuthState(join(folder, id));
  const socket = makeWASocket({
    auth: { creds: state.creds, keys: makeCacheableSignalKeyStore(state.keys, quiet) },
    waWebSocketUrl,
    logger: quiet,
    syncFullHistory: false,
    markOnlineOnConnect: false,
  });
  sockets.set(id, socket);
  socket.ev.on('creds.update', () => void saveCreds());
  socket.ev.on('connection.update', ({ connection, qr }) => {
    if (qr !== undefined) {
      showQr(qr);
    }
    if (connection === 'close') {
      setTimeout(() => void connect(id, showQr), 300);
    }
  });
  socket.ev.on('messages.upsert', ({ messages }) => {
    messages.forEach((message) => void store(id, message).catch(() => undefined));
  });
}

async function store(id: string, { key, message }: WAMessage): Promise<void> {
  const content =
    message?.conversation ?? message?.extendedTextMessage?.text ?? message?.imageMessage?.caption ?? '';
  await pool.query(
    `insert into plain_messages (instance_id, message_id, sender, content) values ($1, $2, $3, $4)`,
    [id, key.id, key.fromMe ? sockets.get(id)?.user?.id : key.participant || key.remoteJid, content],
  );
}

async function link(id: string): Promise<{ qr: string }> {
  const { promise, resolve } = Promise.withResolvers<{ qr: string }>();
  await connect(id, (qr) => resolve({ qr }));
  return promise;
}

await pool.query(`create table if not exists plain_messages (position bigint generated always as identity primary key,
  instance_id text not null, message_id text, sender text, content text)`);
for (const id of await readdir(folder).catch(() => [])) {
  await connect(id, () => undefined);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const [, first, id = '', , instance = ''] = (request.url ?? '').split('/');
    const answer = first === 'link' ? link(id) : send(instance, Buffer.concat(chunks).toString());
    answer.then(
      (body) => response.end(JSON.stringify(body)),
      () => response.writeHead(502).end('{}'),
    );
  });
});

async function send(id: string, body: string): Promise<Record<string, string>> {
  const { to, message } = JSON.parse(body) as { to: string; message: string };
  const sent = await sockets.get(id)?.sendMessage(`${to}@s.whatsapp.net`, { text: message });
  return { status: 'sent', whatsapp_message_id: sent?.key.id ?? '' };
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ msg: 'service started', url: `http://127.0.0.1:${port}` })}\n`);
