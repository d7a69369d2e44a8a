import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';

type Handler = (argument: never) => unknown;

interface Call {
  id: number;
  name: string;
  argument: unknown;
}

interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

interface Notice {
  notice: string;
  payload: unknown;
}

/** Serves the parent's calls; the process ends with the parent. */
export function serveParent(handlers: Record<string, Handler>): void {
  process.on('message', (call: Call) => {
    void answer(handlers, call).then((reply) => process.send?.(reply));
  });
  process.on('disconnect', () => process.exit());
}

/** Tells the parent something it did not ask for. */
export function notifyParent(notice: string, payload: unknown): void {
  process.send?.({ notice, payload });
}

async function answer(handlers: Record<string, Handler>, { id, name, argument }: Call): Promise<Answer> {
  try {
    const handler = handlers[name];
    if (!handler) {
      throw new Error(`no handler ${name}`);
    }
    return { id, result: await handler(argument as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The parent's side: calls with a time limit, and notices as events. */
export class ChildCalls extends EventEmitter<Record<string, [unknown]>> {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private readonly child: ChildProcess;
  private nextId = 1;

  constructor(child: ChildProcess) {
    super();
    this.child = child;
    child.on('message', (message: Answer | Notice) => {
      if ('notice' in message) {
        this.emit(message.notice, message.payload);
      } else {
        this.waiting.get(message.id)?.(message);
      }
    });
    child.once('exit', (code, signal) => {
      for (const finish of this.waiting.values()) {
        finish({ id: 0, error: `the process ended (${code ?? signal})` });
      }
    });
  }

  /** @throws Error of the handler, or when the process ended or does not answer in time */
  async call<T = void>(name: string, argument?: unknown, timeoutMs = 60_000): Promise<T> {
    const id = this.nextId++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.waiting.set(id, resolve);
    const timer = setTimeout(() => resolve({ id, error: `no answer in ${timeoutMs} ms` }), timeoutMs);
    this.child.send({ id, name, argument });
    const { result, error } = await promise;
    clearTimeout(timer);
    this.waiting.delete(id);
    if (error !== undefined) {
      throw new Error(`${name}: ${error}`);
    }
    return result as T;
  }
}
