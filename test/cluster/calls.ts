import { setTimeout as delay } from 'node:timers/promises';
import { type ServiceEndpoint, reachableUrl } from '../chaos/service-endpoint.js';
import type { Findings } from '../chaos/findings.js';
import type { Random } from '../chaos/random.js';
import type { Population } from '../chaos/population.js';

const LIMIT_MS = 60_000;
const SHARE_OF_QR = 0.15;
const MAX_UNDER_WAY = 10;
const QR_ATTEMPTS = 20;
const PAUSE_MS = 250;
const NOT_LINKED = 'Not linked';

interface Answer {
  status: number;
  code: string;
  body: Record<string, unknown>;
}

/** Calls other than sends: status, and numbers that are about to be linked by QR. Each call goes to any node. */
export class Calls {
  private readonly endpoint: ServiceEndpoint;
  private readonly population: Population;
  private readonly random: Random;
  private readonly counts = new Map<string, number>();
  private readonly faults: unknown[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private readonly leftOver = new Set<string>();
  /** Where a number was to be made and no answer came: it may be there. */
  private readonly doubtful = new Set<string>();

  constructor(endpoint: ServiceEndpoint, population: Population, random: Random) {
    this.endpoint = endpoint;
    this.population = population;
    this.random = random;
  }

  /** @param rate calls a second */
  async run(rate: number, stop: AbortSignal): Promise<void> {
    while (!stop.aborted && rate > 0) {
      await delay(this.random.pause(rate), undefined, { signal: stop }).catch(() => undefined);
      if (!stop.aborted && this.underWay.size < MAX_UNDER_WAY) {
        const work = this.random.chance(SHARE_OF_QR) ? this.showQr() : this.askStatus();
        const done: Promise<void> = work.finally(() => this.underWay.delete(done));
        this.underWay.add(done);
      }
    }
  }

  /** Waits for the answers, and deletes the numbers that nobody linked. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
    for (const organization of this.doubtful) {
      const answer = await this.ask('GET', `?organization_id=${organization}&limit=100`);
      const { instances = [] } = (answer?.body ?? {}) as {
        instances?: { id: string; instance_name: string }[];
      };
      instances.forEach(({ id, instance_name }) => instance_name === NOT_LINKED && this.leftOver.add(id));
    }
    for (const id of this.leftOver) {
      await this.remove(id);
    }
  }

  /** How many got which answer. */
  get answers(): Record<string, number> {
    return Object.fromEntries([...this.counts].toSorted(([a], [b]) => a.localeCompare(b)));
  }

  judge(findings: Findings): void {
    this.faults.forEach((fault) => findings.add('internal errors', fault));
    this.leftOver.forEach((id) => findings.add('numbers not deleted', { id }));
  }

  private async askStatus(): Promise<void> {
    await this.call('status', 'GET', `/${this.random.pick(this.population.linkedNumbers).id}/status`);
  }

  private async showQr(): Promise<void> {
    const { organization } = this.random.pick(this.population.linkedNumbers);
    const created = await this.call('create', 'POST', '', {
      organization_id: organization,
      instance_name: NOT_LINKED,
    });
    if (!created) {
      this.doubtful.add(organization);
    }
    const { instance } = (created?.body ?? {}) as { instance?: { id: string } };
    if (!instance) {
      return;
    }
    this.leftOver.add(instance.id);
    const connected = await this.call('connect by QR', 'POST', `/${instance.id}/connect`, { method: 'qr' });
    if (connected?.status === 200) {
      await this.untilShown(instance.id);
    }
    await this.remove(instance.id);
  }

  /** The node that links the number may be another one than the one that is asked. */
  private async untilShown(id: string): Promise<void> {
    for (let attempt = 0; attempt < QR_ATTEMPTS; attempt++) {
      const answer = await this.ask('GET', `/${id}/qr?format=json`);
      if (answer?.status === 200 || attempt === QR_ATTEMPTS - 1) {
        this.count('show the QR', answer);
        return;
      }
      await delay(PAUSE_MS);
    }
  }

  private async remove(id: string): Promise<void> {
    const answer = await this.call('delete', 'DELETE', `/${id}`);
    if (answer && (answer.status < 300 || answer.status === 404)) {
      this.leftOver.delete(id);
    }
  }

  private async call(what: string, method: string, path: string, body?: object): Promise<Answer | undefined> {
    const answer = await this.ask(method, path, body);
    this.count(what, answer);
    return answer;
  }

  private count(what: string, answer: Answer | undefined): void {
    const name = `${what}: ${answer ? [answer.status, answer.code].filter(Boolean).join(' ') : 'no answer'}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  private async ask(method: string, path: string, body?: object): Promise<Answer | undefined> {
    try {
      const response = await fetch(`${reachableUrl(this.endpoint)}/api/whatsapp/instances${path}`, {
        method,
        headers: body ? { 'content-type': 'application/json' } : {},
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      const code = response.ok ? '' : String(answer['code']);
      if (code === 'internal_error') {
        this.faults.push({ method, path, answer });
      }
      return { status: response.status, code, body: answer };
    } catch {
      return undefined;
    }
  }
}
