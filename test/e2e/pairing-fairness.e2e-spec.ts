import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionsService } from '../../src/baileys/sessions.service.js';
import type { Phone } from '../../src/simulator/phones/phone.js';
import { WhatsAppSimulator } from '../../src/simulator/whatsapp-simulator.js';
import { type EventCollector, listen } from '../support/event-collector.js';
import { startTestService, type TestService } from '../support/test-service.js';

const GREEDY = 'greedy';
const PAIRINGS = 300;
const SOON_MS = 10_000;

interface Answer {
  status: number;
  code: unknown;
  retryAfter: number;
}

let sim: WhatsAppSimulator;
let service: TestService;
let owner: Phone;
let events: EventCollector;

async function start(environment: Record<string, string>): Promise<void> {
  service = await startTestService(sim, environment);
  events = await listen(service.url, 'clinic');
  const id = await service.api.createInstance('clinic', owner.number);
  await owner.types(await service.api.pairingCode(id));
  await events.next('whatsapp:connected');
}

/** Begins to link phones that nobody takes up, one instance after the other. */
async function pairInALoop(ids: string[], answers: Answer[]): Promise<void> {
  const left = [...ids];
  const one = async () => {
    for (let id = left.shift(); id !== undefined; id = left.shift()) {
      const path = `/api/whatsapp/instances/${id}/connect`;
      const { status, body, headers } = await service.api.call('POST', path, { method: 'qr' });
      answers.push({ status, code: body['code'], retryAfter: Number(headers.get('retry-after')) });
    }
  };
  await Promise.all(Array.from({ length: 25 }, one));
}

function pairingsUnderWay(): number {
  return service.service.app.get(SessionsService, { strict: false }).summary().byStatus.pairing;
}

/** @returns how long another organization's line and a third one's code take meanwhile, in ms */
async function othersMeanwhile(): Promise<{ lineMs: number; codeMs: number }> {
  const third = sim.addPhone({ number: '5521988776655', name: 'Third' });
  const thirdId = await service.api.createInstance('third', third.number);
  const begunAt = performance.now();
  sim.faults.dropConnection(owner);
  const [lineMs, codeMs] = await Promise.all([
    events.count('whatsapp:connected', 2).then(() => performance.now() - begunAt),
    service.api.pairingCode(thirdId).then(() => performance.now() - begunAt),
  ]);
  return { lineMs, codeMs };
}

beforeEach(async () => {
  sim = await WhatsAppSimulator.start({});
  owner = sim.addPhone({ number: '5511999887766', name: 'Clinic' });
});

afterEach(async () => {
  events.close();
  await service.stop();
  await sim.stop();
});

describe('one organization that links 300 phones in a loop', () => {
  it.each<[string, Record<string, string>, number]>([
    ['as many as it may', {}, 50],
    ['where nothing bounds them', { RATE_LIMIT_PAIRING: '0', PAIRINGS_PER_ORGANIZATION: '0' }, PAIRINGS],
  ])('keeps nobody else waiting (%s)', async (_name, environment, most) => {
    await start(environment);
    const ids: string[] = [];
    for (let index = 0; index < PAIRINGS; index++) {
      ids.push(await service.api.createInstance(GREEDY));
    }
    const answers: Answer[] = [];
    const looping = pairInALoop(ids, answers);

    const { lineMs, codeMs } = await othersMeanwhile();
    await looping;

    expect(lineMs).toBeLessThan(SOON_MS);
    expect(codeMs).toBeLessThan(SOON_MS);
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(most);
    expect(pairingsUnderWay()).toBeLessThanOrEqual(most + 1);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(answers.length - Math.min(most, PAIRINGS));
    for (const answer of refused) {
      expect(answer).toEqual({ status: 429, code: 'too_many_pairings', retryAfter: expect.any(Number) });
      expect(answer.retryAfter).toBeGreaterThan(0);
    }
  });
});

describe('one organization that asks again and again for the same phone', () => {
  it('keeps nobody else waiting, and is told to wait itself', async () => {
    await start({});
    const id = await service.api.createInstance(GREEDY);
    const ids = Array.from({ length: PAIRINGS }, () => id);
    const answers: Answer[] = [];
    const looping = pairInALoop(ids, answers);

    const { lineMs, codeMs } = await othersMeanwhile();
    await looping;

    expect(lineMs).toBeLessThan(SOON_MS);
    expect(codeMs).toBeLessThan(SOON_MS);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(PAIRINGS - 2 * 60 - 1);
    expect(pairingsUnderWay()).toBeLessThanOrEqual(2);
  });
});
