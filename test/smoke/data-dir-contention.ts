import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAnswer, ApiClient } from '../support/api-client.js';
import { environmentOf, type ServiceHome } from '../support/built-service.js';
import { ContainedProcess } from '../support/contained-process.js';

/** What happened while several containers contended for one folder. */
export interface Contention {
  /** Ids of the instances whose creation was answered with 200, by organization: one for each owner. */
  confirmed: Map<string, string[]>;
  /** How many starts had the folder, how many ended without it, and how many were killed before either. */
  owners: number;
  refused: number;
  killedEarly: number;
  /** What those wrote that ended without it. */
  sentences: string[];
  /** Starts that had the folder while another had it. Must stay empty. */
  overlaps: string[];
}

/** Until the end, from the first confirmed creation on. */
const RUN_MS = 2_500;
/** Until those are killed that are not to come up, from their start on. */
const EARLY_MS = 6_000;
const PAUSE_MS = 800;

/**
 * Starts the built service again and again, at random moments, each in a namespace of its own, three at a time over one
 * folder. Each that gets the
 * folder creates instances until it is killed (most) or stopped.
 * @param starts how often in all
 */
export async function contend(home: ServiceHome, starts: number): Promise<Contention> {
  const contention: Contention = {
    confirmed: new Map(),
    owners: 0,
    refused: 0,
    killedEarly: 0,
    sentences: [],
    overlaps: [],
  };
  const open = new Set<ContainedProcess>();
  let left = starts;
  const place = async () => {
    while (left > 0) {
      left -= 1;
      await delay(randomInt(PAUSE_MS));
      await startOnce(home, open, contention);
    }
  };
  await Promise.all([place(), place(), place()]);
  return contention;
}

async function startOnce(
  home: ServiceHome,
  open: Set<ContainedProcess>,
  contention: Contention,
): Promise<void> {
  // Some go at once where somebody has the folder, some wait for it.
  const wait = randomInt(2) === 0 ? '0' : '20';
  const service = ContainedProcess.start(
    'main.js',
    { ...environmentOf(home), DATA_DIR_WAIT_SECONDS: wait },
    home.dataDir,
  );
  const output = { text: '' };
  const url = urlOf(service, output);
  const ended = service.ended();
  let isEarly = false;
  if (randomInt(5) === 0) {
    void Promise.race([delay(randomInt(EARLY_MS)), url]).then(() => {
      isEarly = !service.hasEnded;
      service.signal('SIGKILL');
    });
  }
  const answered = await Promise.race([url, ended.then(() => undefined)]);
  if (isEarly) {
    contention.killedEarly += 1;
    await ended;
    return;
  }
  if (answered === undefined) {
    contention.refused += 1;
    contention.sentences.push(
      ...output.text.split('\n').filter((line) => line !== '' && !line.startsWith('{')),
    );
    return;
  }
  contention.owners += 1;
  const others = [...open].filter((other) => !other.hasEnded);
  if (others.length > 0) {
    contention.overlaps.push(output.text);
  }
  open.add(service);
  const ids: string[] = [];
  contention.confirmed.set(`org_${contention.owners}`, ids);
  const api = new ApiClient(answered);
  const first = Promise.withResolvers<void>();
  const creating = createUntil(api, ended, `org_${contention.owners}`, (id) => {
    ids.push(id);
    first.resolve();
  });
  await Promise.race([first.promise, ended]);
  await Promise.race([delay(randomInt(RUN_MS)), ended]);
  // Out of the set only after its end: whoever starts to answer before that has the folder beside it.
  service.signal(randomInt(4) === 0 ? 'SIGTERM' : 'SIGKILL');
  await ended;
  open.delete(service);
  await creating;
}

/** Creates one instance after the other for as long as the service answers. */
async function createUntil(
  api: ApiClient,
  ended: Promise<unknown>,
  organization: string,
  onConfirmed: (id: string) => void,
): Promise<void> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver) {
    try {
      onConfirmed(await api.createInstance(organization, `55119${randomInt(80_000_000, 99_999_999)}`));
    } catch {
      // Killed or stopped in between: nothing was promised.
      await Promise.race([ended, delay(20)]);
    }
  }
}

async function urlOf(service: ContainedProcess, output: { text: string }): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  service.onOutput((text) => {
    output.text += text;
    const line = output.text
      .split('\n')
      .find((one) => one.includes('"service started"') && one.endsWith('}'));
    if (line !== undefined) {
      resolve((JSON.parse(line) as { url: string }).url);
    }
  });
  return promise;
}

/** @returns which of the confirmed ids the service does not know */
export async function lostOf({ confirmed }: Contention, api: ApiClient): Promise<string[]> {
  const lost: string[] = [];
  for (const [organization, ids] of confirmed) {
    const known = await instancesOf(organization, api);
    lost.push(...ids.filter((id) => !known.has(id)));
  }
  return lost;
}

async function instancesOf(organization: string, api: ApiClient): Promise<Set<string>> {
  const ids = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: ApiAnswer<{ instances: { id: string }[]; next_cursor: string | null }> = await api.call(
      'GET',
      `/api/whatsapp/instances?organization_id=${organization}&limit=100${cursor && `&cursor=${cursor}`}`,
    );
    page.body.instances.forEach(({ id }) => ids.add(id));
    cursor = page.body.next_cursor;
  }
  return ids;
}
