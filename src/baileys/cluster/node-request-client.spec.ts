import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { SecretBox } from '../../common/secret-box.js';
import type { AppConfig } from '../../config/app-config.js';
import type { NodeSignals } from '../../queue/node-signals.js';
import type { NodeRequestsRepository } from '../../repositories/node-requests.repository.js';
import type { NodeLiveness } from '../ownership/node-liveness.js';
import { named } from '../outbound/send-request.js';
import { NodeRequestClient } from './node-request-client.js';

const text = named('instance', { to: '5521988776655', message: 'hello' });
const away = () => Promise.reject(new AppError('database_unavailable'));

type Requests = Partial<Record<keyof NodeRequestsRepository, (...args: never[]) => Promise<unknown>>>;

function clientOver(requests: Requests): NodeRequestClient {
  return new NodeRequestClient(
    requests as unknown as NodeRequestsRepository,
    { tell: () => undefined } as unknown as NodeSignals,
    { isAlone: false } as NodeLiveness,
    new SecretBox([randomBytes(32)]),
    { nodeId: 'b' } as AppConfig,
  );
}

function ask(requests: Requests, waitMs = 300) {
  return clientOver(requests).ask('instance', 'send', text, { waitMs });
}

it('takes a request whose leaving was not confirmed for one that may be done', async () => {
  const withdraw = vi.fn<() => Promise<null>>().mockResolvedValue(null);
  const readStates = (ids: string[]) =>
    Promise.resolve(new Map(ids.map((id) => [id, { isAnswered: false, isOrphaned: false }])));

  expect(await ask({ ask: away, readStates, withdraw })).toEqual({ outcome: 'late' });
  expect(withdraw).toHaveBeenCalledOnce();
});

it('withdraws a request until that is confirmed', async () => {
  const withdraw = vi.fn<() => Promise<null>>().mockImplementationOnce(away).mockResolvedValue(null);

  const requests = {
    ask: () => Promise.resolve(true),
    readStates: () => Promise.resolve(new Map()),
    withdraw,
  };
  const asked = await ask(requests, 60_000);

  expect(asked).toEqual({ outcome: 'gone' });
  expect(withdraw).toHaveBeenCalledTimes(2);
});

it('leaves a request that it can not withdraw until that is too old', async () => {
  const begun = Date.now();

  const asked = await ask({ ask: () => Promise.resolve(true), readStates: away, withdraw: away });

  expect(asked).toEqual({ outcome: 'late' });
  expect(Date.now() - begun).toBeGreaterThanOrEqual(299);
});

describe('many who wait', () => {
  const gone = Promise.withResolvers<boolean>();
  const readStates = vi.fn<(ids: string[]) => Promise<Map<string, unknown>>>().mockResolvedValue(new Map());
  const client = clientOver({
    ask: () => gone.promise,
    readStates,
    withdraw: () => Promise.resolve(null),
  });
  const askFor = (instanceId: string) => client.ask(instanceId, 'send', text, { waitMs: 10_000 });

  it('are a hundred for each instance at most, and are looked for together', async () => {
    const asked = Array.from({ length: 100 }, () => askFor('busy'));
    await expect(askFor('busy')).rejects.toMatchObject({ code: 'too_many_requests' });
    const other = askFor('other');
    gone.resolve(true);

    await expect(Promise.all([...asked, other])).resolves.toHaveLength(101);
    expect(readStates).toHaveBeenCalledOnce();
    expect(readStates.mock.calls[0]![0]).toHaveLength(101);
    await expect(askFor('busy')).resolves.toEqual({ outcome: 'gone' });
  });
});
