import { Writable } from 'node:stream';
import { Test } from '@nestjs/testing';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { DomainEventBus } from '../../src/common/domain-events.js';
import { SecretBox } from '../../src/common/secret-box.js';
import type { OutgoingEvent } from '../../src/common/whatsapp-events.js';
import type { AppConfig, QueueDriver } from '../../src/config/app-config.js';
import { EnvironmentModule } from '../../src/environment.module.js';
import type { Logs } from '../../src/logging/logs.js';
import { InboxNotifier } from '../../src/queue/inbox-notifier.js';
import { WorkerStatus } from '../../src/queue/worker-status.js';
import { RoutingModule } from '../../src/routing/routing.module.js';
import { OPEN_DATABASE } from '../../src/supabase/supabase.module.js';
import { openRoutingDatabase, type RoutingDatabase } from './routing-database.js';
import { RoutingHarness } from './routing-harness.js';

const KEY = Buffer.alloc(32, 1);
const box = new SecretBox([KEY]);

function collectLogs(lines: Record<string, unknown>[]): Logs {
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
    done();
  };
  const root = pino(new Writable({ write }));
  return { component: (name) => root.child({ component: name }), flush: () => {} };
}

function compose(database: RoutingDatabase, queueDriver: QueueDriver) {
  const lines: Record<string, unknown>[] = [];
  const config = {
    queueDriver,
    bookingPolicy: 'one-open',
    nodeId: 'test',
    leaseSeconds: 15,
    sessionEncryptionKeys: [KEY],
  } as unknown as AppConfig;
  const testing = Test.createTestingModule({
    imports: [EnvironmentModule.with(config, collectLogs(lines)), RoutingModule],
  })
    .overrideProvider(OPEN_DATABASE)
    .useValue({ client: database.client, close: () => Promise.resolve() });
  return { testing, lines };
}

describe('the routing module', () => {
  it('routes by notifications from the start of the application to its end', async () => {
    const database = await openRoutingDatabase();
    const { testing, lines } = compose(database, 'embedded');
    const module = await testing.compile();
    const harness = await RoutingHarness.over(database.client, 'one-open', box);
    const instance = await harness.anInstance({ phone: '5511999887766' });
    const arrival = { id: 'A1', attrs: { from: '222@lid' }, message: { conversation: 'oi' } };
    const committed = new Promise<OutgoingEvent[]>((resolve) =>
      module.get(DomainEventBus).once('events.committed', resolve),
    );
    const readiness = module.get(WorkerStatus);

    await module.init();
    await harness.receive(instance, {}, [arrival]);
    module.get(InboxNotifier).notify(instance.id);
    const [event] = await committed;
    expect(readiness.read().running).toBe(true);
    await module.close();

    expect(event).toMatchObject({
      name: 'whatsapp:message',
      sequence: 1,
      payload: { text: 'oi', from: '222@lid' },
    });
    expect(readiness.read().running).toBe(false);
    expect(lines).toMatchObject([{ component: 'messageWorker', msg: 'Message worker started' }]);
    await database.close();
  });

  it('says why when it is not to start, and leaves what was received in the inbox', async () => {
    const database = await openRoutingDatabase();
    const { testing, lines } = compose(database, 'none');
    const module = await testing.compile();
    const harness = await RoutingHarness.over(database.client, 'one-open', box);
    const instance = await harness.anInstance({ phone: '5511999887766' });
    await harness.receive(instance, {}, [
      { id: 'A1', attrs: { from: '222@lid' }, message: { conversation: 'oi' } },
    ]);

    await module.init();
    module.get(InboxNotifier).notify(instance.id);
    await module.close();

    expect(lines).toMatchObject([{ level: 40, msg: 'Workers disabled: Redis not configured' }]);
    await expect(harness.inbox.stats('all')).resolves.toMatchObject({ pending: 1 });
    await database.close();
  });
});
