import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import { SecretBox } from '../../common/secret-box.js';
import { FencedError } from '../../repositories/fenced-error.js';
import type { InstancesRepository } from '../../repositories/instances.repository.js';
import type { NodeRequestKind, NodeRequestsRepository } from '../../repositories/node-requests.repository.js';
import type { LocalSessions } from './local-sessions.js';
import { NodeRequestHandler } from './node-request-handler.js';
import type { SessionContext } from '../session/session-context.js';
import type { SessionRegistry } from '../session/session-registry.js';

const INSTANCE = randomUUID();

type Work = () => Promise<object | undefined>;

describe('NodeRequestHandler', () => {
  const box = new SecretBox([Buffer.alloc(32, 7)]);
  const local = { connect: vi.fn<Work>(), sendText: vi.fn<Work>(), logOut: vi.fn<Work>() };
  let answers: unknown[];
  let handler: NodeRequestHandler;
  let isHere: boolean;

  beforeEach(() => {
    vi.resetAllMocks();
    answers = [];
    isHere = true;
    const requests = {
      answer: (id: string, sealed: Buffer) => {
        answers.push(JSON.parse(box.open(sealed, [INSTANCE, 'answer', id]).toString()));
        return Promise.resolve();
      },
    };
    handler = new NodeRequestHandler(
      local as unknown as LocalSessions,
      { get: () => (isHere ? {} : undefined) } as unknown as SessionRegistry,
      { findInstance: () => Promise.resolve({ id: INSTANCE }) } as unknown as InstancesRepository,
      requests as unknown as NodeRequestsRepository,
      box,
      { log: { warn: () => undefined }, settings: { simultaneousRequests: 3 } } as unknown as SessionContext,
    );
  });

  /** Waits until the handler is through with a request. */
  async function serve(kind: NodeRequestKind): Promise<void> {
    const id = randomUUID();
    const payload = box.seal(Buffer.from('{}'), [INSTANCE, 'request', id]);
    handler.serve([{ id, instanceId: INSTANCE, kind, payload }]);
    expect(handler.serving).toEqual([id]);
    expect(handler.room).toBe(2);
    await expect.poll(() => handler.serving).toEqual([]);
  }

  it('answers what it did, what went wrong, and that somebody else is to be asked', async () => {
    local.sendText.mockResolvedValueOnce({ status: 'sent' });
    local.sendText.mockRejectedValueOnce(new AppError('send_failed', { message: 'no' }));
    local.sendText.mockResolvedValueOnce({ heldBy: 'b' });

    for (let n = 0; n < 3; n++) {
      await serve('send');
    }

    expect(answers).toEqual([
      { result: { status: 'sent' } },
      { error: { kind: 'UpstreamError', code: 'send_failed', message: 'no' } },
      { moved: true },
    ]);
  });

  it('sends the caller on when the instance leaves, or has left', async () => {
    const notConnected = new AppError('instance_not_connected');
    local.sendText.mockRejectedValueOnce(notConnected);
    await serve('send');
    expect(answers).toMatchObject([{ error: { code: 'instance_not_connected' } }]);

    answers = [];
    isHere = false;
    local.sendText.mockRejectedValueOnce(notConnected);
    local.sendText.mockRejectedValueOnce(new AppError('shutting_down'));
    local.sendText.mockRejectedValueOnce(new FencedError([INSTANCE]));
    for (let n = 0; n < 3; n++) {
      await serve('send');
    }

    expect(answers).toEqual([{ moved: true }, { moved: true }, { moved: true }]);
  });

  it('leaves a logout unanswered until it is done, as nobody may be waiting who would ask again', async () => {
    local.logOut.mockRejectedValueOnce(new AppError('database_unavailable'));
    local.logOut.mockResolvedValueOnce({ heldBy: 'b' });
    await serve('logout');
    await serve('logout');
    expect(answers).toEqual([]);

    local.logOut.mockRejectedValueOnce(new AppError('instance_not_found'));
    local.logOut.mockResolvedValueOnce(undefined);
    await serve('logout');
    await serve('logout');

    expect(answers).toMatchObject([{ error: { code: 'instance_not_found' } }, { result: {} }]);
  });
});
