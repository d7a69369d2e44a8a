import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from './figures.js';

/** What became of somebody's calls; latencies in ms, until the whole answer is there. */
export interface CallerFigures {
  made: number;
  answered: number;
  /** Why others were not, by their number. */
  failures: Record<string, number>;
  p50: number | undefined;
  p99: number | undefined;
  max: number | undefined;
}

const TIMEOUT_MS = 10_000;

/** A program with a valid key that calls now and then, each time over a connection of its own: that is what a flood hits first. */
export class RegularCaller {
  private readonly url: URL;
  private readonly key: string;
  private readonly intervalMs: number;
  private readonly from: string | undefined;

  /** @param from address of this machine to call from; by default that of the service */
  constructor(url: URL, key: string, intervalMs: number, from?: string) {
    this.url = url;
    this.key = key;
    this.intervalMs = intervalMs;
    this.from = from;
  }

  /** Calls until it is told to end. */
  async run(isOver: () => boolean): Promise<CallerFigures> {
    const latencies: number[] = [];
    const failures: Record<string, number> = {};
    const startedAt = performance.now();
    let made = 0;
    for (; !isOver(); made++) {
      const sentAt = performance.now();
      const outcome = await this.call();
      if (outcome === '200') {
        latencies.push(performance.now() - sentAt);
      } else {
        failures[outcome] = (failures[outcome] ?? 0) + 1;
      }
      await delay(Math.max(0, startedAt + (made + 1) * this.intervalMs - performance.now()));
    }
    return {
      made,
      answered: latencies.length,
      failures,
      p50: quantile(latencies, 0.5),
      p99: quantile(latencies, 0.99),
      max: quantile(latencies, 1),
    };
  }

  /** @returns the status, or the code of an error */
  private async call(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const calling = request(this.url, {
      agent: false,
      localAddress: this.from,
      headers: { authorization: `Bearer ${this.key}` },
      signal,
    });
    const fail = (error: NodeJS.ErrnoException) =>
      resolve(signal.aborted ? 'no answer' : (error.code ?? 'error'));
    calling.on('error', fail);
    calling.on('response', (response) => {
      response.on('error', fail);
      response.on('end', () => resolve(String(response.statusCode)));
      response.resume();
    });
    calling.end();
    return promise;
  }
}
