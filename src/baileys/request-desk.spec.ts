import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { UpstreamError } from '../common/app-error.js';
import { SecretBox } from '../common/secret-box.js';
import type { AppConfig } from '../config/app-config.js';
import type { NodeSignals } from '../queue/node-signals.js';
import type { NodeRequestsRepository } from '../repositories/node-requests.repository.js';
import type { Neighbourhood } from './neighbourhood.js';
import { named } from './outbound-request.js';
import { RequestDesk } from './request-desk.js';

const text = named({ to: '5521988776655', message: 'hello' });
const away = () => Promise.reject(new UpstreamError('database_unavailable', 'The answer was lost.'));

function ask(requests: Partial<Record<keyof NodeRequestsRepository, () => Promise<unknown>>>) {
  const desk = new RequestDesk(
    requests as unknown as NodeRequestsRepository,
    { tell: () => undefined } as unknown as NodeSignals,
    { isAlone: false } as Neighbourhood,
    new SecretBox([randomBytes(32)]),
    { nodeId: 'b' } as AppConfig,
  );
  return desk.ask('instance', 'send', text, { waitMs: 300 });
}

it('takes a request whose leaving was not confirmed for one that may be done', async () => {
  const withdraw = vi.fn<() => Promise<null>>().mockResolvedValue(null);
  const read = () => Promise.resolve({ answer: null, isOrphaned: false });

  expect(await ask({ ask: away, read, withdraw })).toEqual({ outcome: 'late' });
  expect(withdraw).toHaveBeenCalledOnce();
});

it('withdraws a request until that is confirmed', async () => {
  const withdraw = vi.fn<() => Promise<null>>().mockImplementationOnce(away).mockResolvedValue(null);

  const asked = await ask({ ask: () => Promise.resolve(true), read: () => Promise.resolve(null), withdraw });

  expect(asked).toEqual({ outcome: 'gone' });
  expect(withdraw).toHaveBeenCalledTimes(2);
});

it('leaves a request that it can not withdraw until that is too old', async () => {
  const begun = Date.now();

  const asked = await ask({ ask: () => Promise.resolve(true), read: away, withdraw: away });

  expect(asked).toEqual({ outcome: 'late' });
  expect(Date.now() - begun).toBeGreaterThanOrEqual(299);
});
