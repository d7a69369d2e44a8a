import { Worker } from 'node:worker_threads';
import type { ArrivedEvents } from './subscriber-thread.js';

/** A Socket.IO client in a thread of its own, so that the load generator's work does not delay its clock. */
export class Subscriber {
  private readonly thread: Worker;

  private constructor(thread: Worker) {
    this.thread = thread;
  }

  /** @param onEvents told of `whatsapp:message` events as they come */
  static async join(
    url: string,
    organizations: string[],
    onEvents: (events: ArrivedEvents) => void,
    token?: string,
  ): Promise<Subscriber> {
    const thread = new Worker(new URL('./subscriber-thread.ts', import.meta.url), {
      workerData: { url, organizations, token },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.once('error', reject);
    thread.on('message', (message: 'joined' | ArrivedEvents) => {
      if (message === 'joined') {
        resolve();
      } else {
        onEvents(message);
      }
    });
    await promise;
    return new Subscriber(thread);
  }

  async stop(): Promise<void> {
    await this.thread.terminate();
  }
}
