import { describe, expect, it, vi } from 'vitest';
import { AppError } from '../../common/app-error.js';
import type { Instance } from '../../repositories/instance.js';
import type { InstancesRepository } from '../../repositories/instances.repository.js';
import type { MessagesRepository } from '../../repositories/messages.repository.js';
import type { OutboundMessage } from '../../repositories/outbound-message.js';
import type { LocalSessions } from './local-sessions.js';
import type { NamedText } from '../outbound/send-request.js';
import type { Asked, NodeRequestClient } from './node-request-client.js';
import type { SentText } from '../outbound/message-sender.js';
import { SessionCalls } from './session-calls.js';
import type { SessionRegistry } from '../session/session-registry.js';
import { SessionSettings } from '../settings/session-settings.js';

const instance = { id: 'instance' } as Instance;
const away = () => Promise.reject(new AppError('database_unavailable'));

/** A send through a node that does not run the instance. */
class Scene {
  readonly asked: NamedText[] = [];
  readonly here: NamedText[] = [];
  readonly local = vi.fn<() => Promise<SentText>>();
  readonly find = vi.fn<() => Promise<OutboundMessage | null>>().mockResolvedValue(null);

  constructor(private readonly outcomes: (Asked<SentText> | Error)[]) {}

  send(): Promise<SentText> {
    const ask = (_id: string, _kind: string, text: NamedText) => {
      this.asked.push(text);
      const outcome = this.outcomes.shift();
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    };
    const sendText = (_instance: Instance, text: NamedText) => {
      this.here.push(text);
      return this.local();
    };
    return new SessionCalls(
      { get: () => undefined } as unknown as SessionRegistry,
      { sendText } as unknown as LocalSessions,
      { ask } as unknown as NodeRequestClient,
      { findInstance: () => Promise.resolve(instance) } as unknown as InstancesRepository,
      { findOutbound: this.find } as unknown as MessagesRepository,
      new SessionSettings(),
    ).sendText(instance, { to: '5521988776655', message: 'hello' });
  }
}

describe('a send through another node', () => {
  it('is unknown, under the ids that were asked for, when nobody answers and the database is away', async () => {
    const scene = new Scene([{ outcome: 'late' }]);
    scene.find.mockImplementation(away);

    const sent = await scene.send();

    const [{ messageId, whatsappMessageId }] = scene.asked as [NamedText];
    expect(sent).toEqual({ messageId, whatsappMessageId, status: 'unknown' });
  });

  it('is a failure when nobody answers and nothing is stored', async () => {
    await expect(new Scene([{ outcome: 'late' }]).send()).rejects.toMatchObject({
      code: 'instance_not_responding',
    });
  });

  it('is done here under the same ids when the other node is gone', async () => {
    const scene = new Scene([{ outcome: 'gone' }]);
    const sent: SentText = { messageId: 'm', whatsappMessageId: 'w', status: 'sent' };
    scene.local.mockResolvedValue(sent);

    expect(await scene.send()).toBe(sent);
    expect(scene.here).toEqual(scene.asked);
  });

  it('is as far as the other node brought it when this one can not go on', async () => {
    const scene = new Scene([{ outcome: 'gone' }]);
    scene.local.mockRejectedValue(new AppError('send_queue_full'));
    scene.find.mockImplementation(() => {
      const [{ messageId, whatsappMessageId }] = scene.asked as [NamedText];
      return Promise.resolve({ messageId, whatsappMessageId, status: 'unknown' } as OutboundMessage);
    });

    expect(await scene.send()).toMatchObject({ status: 'unknown', isReplay: false });
  });

  it('fails as it failed there', async () => {
    const refused = new AppError('recipient_not_on_whatsapp');
    const scene = new Scene([refused]);

    await expect(scene.send()).rejects.toBe(refused);
    expect(scene.find).not.toHaveBeenCalled();
  });
});
