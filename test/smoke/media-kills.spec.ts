import { createHash, randomBytes } from 'node:crypto';
import { readdir, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECK_KEY, fileKey, thumbnailKey } from '../../src/media-store/media-keys.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import type { ServiceHome } from '../support/built-service.js';
import { KillableService } from '../support/killable-service.js';
import { S3Server } from '../support/s3-server.js';

/** `KILLS=50 npx vitest run --project smoke test/smoke/media-kills.spec.ts` is the long form. */
const KILLS = Number(process.env['KILLS'] ?? 3);
const LIMIT_MS = 300_000 + KILLS * 30_000;
const ORGANIZATION = 'org_123';
const NUMBERS = ['5511988880001', '5511988880002', '5511988880003'];
/** Of each kind, in each round. */
const RECEIVED = 4;
const SENT = 2;
const LARGEST = 3_000_000;
/** After what happens in the middle of a file, and how long after it the process is killed at most, in ms. */
const MOMENTS = ['media.downloaded', 'media.uploaded', 'message.acknowledged', 'client.message'] as const;
const LATER_MS = 150;
const PATIENCE = { timeout: 150_000, interval: 250 };
const LONG_AGO = new Date(Date.now() - 24 * 60 * 60_000);

/** Where files are kept, and what is there. */
interface Place {
  environment: Record<string, string>;
  keys(): Promise<string[]>;
  stop(): Promise<void>;
}

/** A file on its way to the service, or to a client. */
interface Transfer {
  name: string;
  sha256: string;
  bytes: Buffer;
  client: Phone;
}

interface Sent {
  status: number;
  body: { message_id?: string; media?: { id: string }; code?: string };
}

const folderOf = (home: ServiceHome) => join(home.dataDir, 'media', 'files');

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

const PLACES: Record<string, (home: ServiceHome) => Promise<Place>> = {
  local: (home) =>
    Promise.resolve({
      environment: {},
      keys: async () => (await filesIn(folderOf(home))).map((path) => relative(folderOf(home), path)),
      stop: () => Promise.resolve(),
    }),
  s3: async () => {
    const server = await S3Server.start();
    return {
      environment: server.environment,
      keys: async () => (await server.keys()).filter((key) => key !== CHECK_KEY),
      stop: () => server.stop(),
    };
  },
};

describe.each(Object.keys(PLACES))(
  'a service with files in %s that is killed with files on their way',
  (kind) => {
    let killable: KillableService;
    let place: Place;
    let clients: Phone[];
    /** The calls that got no answer, since the process was gone. */
    let cutOff = 0;
    const received: Transfer[] = [];
    const sent: Transfer[] = [];

    beforeAll(async () => {
      killable = await KillableService.open(ORGANIZATION, async (home) => {
        place = await PLACES[kind]!(home);
        return place.environment;
      });
      clients = NUMBERS.map((number) => killable.simulator.addPhone({ number, name: number }));
    }, LIMIT_MS);

    afterAll(async () => {
      await killable?.close();
      await place?.stop();
    });

    const sql = <Row extends object>(text: string, params: unknown[] = []) => killable.sql<Row>(text, params);

    /** Some have the bytes of an earlier one. */
    function aTransfer(list: Transfer[], index: number): Transfer {
      const earlier = index % 4 === 3 ? list.at(-2) : undefined;
      const bytes =
        earlier?.bytes ??
        Buffer.concat([Buffer.from('%PDF-1.7\n%âãÏÓ\n'), randomBytes(10_000 + Math.random() * LARGEST)]);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const transfer = { name: `${list.length}.pdf`, sha256, bytes, client: clients[list.length % 3]! };
      list.push(transfer);
      return transfer;
    }

    /** @returns the answer; undefined where the process was killed before it gave one */
    async function post(
      path: string,
      body: FormData | string,
      headers: Record<string, string> = {},
    ): Promise<Sent | undefined> {
      try {
        const response = await fetch(killable.running!.url + path, {
          method: 'POST',
          body,
          headers: { ...(typeof body === 'string' && { 'content-type': 'application/json' }), ...headers },
        });
        return { status: response.status, body: (await response.json()) as Sent['body'] };
      } catch {
        cutOff += 1;
        return undefined;
      }
    }

    function formOf({ bytes, name }: Transfer, fields: Record<string, string> = {}): FormData {
      const form = new FormData();
      Object.entries(fields).forEach(([field, value]) => form.append(field, value));
      form.append('file', new Blob([new Uint8Array(bytes)]), name);
      return form;
    }

    /** As a careful caller does it: the same call again, until it is answered. */
    async function repeat(call: () => Promise<Sent | undefined>): Promise<Sent> {
      for (;;) {
        const answer = killable.running && (await call());
        if (answer && answer.status < 500) {
          return answer;
        }
        await delay(200);
      }
    }

    async function sendUploaded(transfer: Transfer): Promise<Sent> {
      const uploaded = await repeat(() =>
        post(`/api/media?organization_id=${ORGANIZATION}`, formOf(transfer)),
      );
      const body = {
        to: transfer.client.number,
        type: 'document',
        file_name: transfer.name,
        media: { id: uploaded.body.media?.id },
      };
      return repeat(() => send(transfer, JSON.stringify({ ...body })));
    }

    const send = (transfer: Transfer, body: FormData | string) =>
      post(`/api/whatsapp/instances/${killable.instanceId}/send`, body, {
        'idempotency-key': `${kind}/${transfer.name}`,
      });

    const sendForm = (transfer: Transfer) =>
      repeat(() =>
        send(
          transfer,
          formOf(transfer, { to: transfer.client.number, type: 'document', file_name: transfer.name }),
        ),
      );

    it('loses nothing, and nothing comes twice', { timeout: LIMIT_MS }, async () => {
      const answers: Promise<Sent>[] = [];
      for (let round = 0; round < KILLS; round++) {
        await killable.online();
        const moment = killable.simulator.next(MOMENTS[round % MOMENTS.length]!).catch(() => undefined);
        for (let index = 0; index < RECEIVED; index++) {
          const { client, bytes, name } = aTransfer(received, index);
          void client.writes(killable.owner, { document: { file: bytes, fileName: name } });
        }
        for (let index = 0; index < SENT; index++) {
          answers.push(sendUploaded(aTransfer(sent, index)), sendForm(aTransfer(sent, index)));
        }
        await Promise.race([moment, delay(3_000)]);
        // The time of the kill is the input of the test.
        await delay(Math.random() * LATER_MS);
        await killable.kill();
      }
      await killable.start();

      expect((await Promise.all(answers)).filter(({ status }) => status !== 200 && status !== 202)).toEqual(
        [],
      );
      expect(cutOff).toBeGreaterThan(KILLS / 2);
      const waiting = () =>
        sql(
          `select m.id, m.status, f.state, f.error, f.attempts from messages m left join message_media f on f.message_id = m.id
          where m.status in ('pending', 'unknown') or f.state is distinct from 'ready'`,
        );
      await expect.poll(waiting, PATIENCE).toEqual([]);
      const rows = await sql<{ id: string; direction: string; name: string; sha256: string }>(
        `select m.id, m.direction, f.file_name as name, encode(s.sha256, 'hex') as sha256
        from messages m join message_media f on f.message_id = m.id join media_files s on s.id = f.file_id`,
      );
      const named = (direction: string) =>
        rows.filter((row) => row.direction === direction).map(({ name, sha256 }) => `${name} ${sha256}`);
      const wanted = (list: Transfer[]) => list.map(({ name, sha256 }) => `${name} ${sha256}`);
      expect(named('inbound').toSorted()).toEqual(wanted(received).toSorted());
      expect(named('outbound').toSorted()).toEqual(wanted(sent).toSorted());
    });

    it('has every file that it says it has', { timeout: LIMIT_MS }, async () => {
      const { url } = await killable.start();
      const rows = await sql<{ id: string; sha256: string }>(
        `select f.message_id as id, encode(s.sha256, 'hex') as sha256
        from message_media f join media_files s on s.id = f.file_id`,
      );

      for (const { id, sha256 } of rows) {
        const bytes = Buffer.from(await (await fetch(`${url}/api/messages/${id}/media`)).arrayBuffer());
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
      }
      expect(rows).toHaveLength(received.length + sent.length);
    });

    it('has brought each file to its phone, once', { timeout: LIMIT_MS }, async () => {
      for (const { client, name, bytes } of sent) {
        const copies = client.received.filter(({ message }) => message.documentMessage?.fileName === name);

        expect(copies, name).toHaveLength(1);
        expect((await client.opens(copies[0]!)).equals(bytes)).toBe(true);
      }
    });

    it(
      'has no file without a row, and no row without a file, after a sweep',
      { timeout: LIMIT_MS },
      async () => {
        await killable.kill();
        const unfinished = await filesIn(join(killable.home.dataDir, 'media', 'incoming'));
        await Promise.all(unfinished.map((path) => utimes(path, LONG_AGO, LONG_AGO)));
        await sql('update media_files set expires_at = now() where expires_at is not null');

        await killable.start();

        const due = () =>
          sql('select id, state from media_files where expires_at <= now() or state <> $1', ['stored']);
        await expect.poll(due, PATIENCE).toEqual([]);
        await expect
          .poll(() => filesIn(join(killable.home.dataDir, 'media', 'incoming')), PATIENCE)
          .toEqual([]);
        const rows = await sql<{ id: string; has_thumbnail: boolean; size: string }>(
          'select id, has_thumbnail, size from media_files',
        );
        const keys = rows.flatMap(({ id, has_thumbnail }) => {
          const parts = { organizationId: ORGANIZATION, fileId: id };
          return [fileKey(parts), ...(has_thumbnail ? [thumbnailKey(parts)] : [])];
        });
        expect((await place.keys()).toSorted()).toEqual(keys.toSorted());
        const distinct = new Set([...received, ...sent].map(({ sha256 }) => sha256));
        expect(rows).toHaveLength(distinct.size);
        const [usage] = await sql<{ bytes: string }>('select bytes from media_usage');
        expect(Number(usage!.bytes)).toBe(rows.reduce((sum, { size }) => sum + Number(size), 0));
      },
    );
  },
);
