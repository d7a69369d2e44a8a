import { join } from 'node:path';
import type { ServiceEndpoint } from '../chaos/service-endpoint.js';
import type { Random } from '../chaos/random.js';
import { ServiceSubject } from '../chaos/service-subject.js';
import { Supervisor } from '../chaos/supervisor.js';
import type { Harness } from '../chaos/harness.js';
import { WhatsAppProxy } from './whatsapp-proxy.js';
import type { ClusterOptions } from './cluster-options.js';

/** An API process. */
export interface Node {
  name: string;
  supervisor: Supervisor;
  proxy: WhatsAppProxy;
}

/** A worker process. */
export interface Worker {
  name: string;
  supervisor: Supervisor;
}

/** The processes of the service that share a database. Calls go to any API process. */
export class ClusterProcesses implements ServiceEndpoint {
  readonly nodes: Node[] = [];
  readonly workers: Worker[] = [];
  /** Nodes that get no calls, as when a load balancer has noticed that they do not answer. */
  readonly avoided = new Set<Node>();
  /** How the service under test is linked and when it is at rest. */
  readonly subject: ServiceSubject;
  private readonly random: Random;

  private constructor(subject: ServiceSubject, random: Random) {
    this.subject = subject;
    this.random = random;
  }

  /** @param redisUrl undefined: every API process has its own worker inside */
  static async prepare(
    harness: Harness,
    options: ClusterOptions,
    redisUrl: string | undefined,
    random: Random,
  ): Promise<ClusterProcesses> {
    const { resources, simulator, database, timeline } = harness;
    const subject = new ServiceSubject(harness, { dist: options.dist, fastReceive: 'on' });
    const processes = new ClusterProcesses(subject, random);
    const supervise = async (
      name: string,
      more: { args?: string[]; announcement?: string; environment?: object },
    ) => {
      const environment = {
        ...subject.environment,
        ...(await database.environmentFor(name)),
        LOG_FILE: join(resources.folder, `${name}.log`),
        NODE_ID: name,
        LEASE_SECONDS: String(options.lease),
        ...(redisUrl === undefined
          ? { QUEUE_DRIVER: 'embedded' }
          : { REDIS_URL: redisUrl, RUN_WORKER: 'false' }),
        ...more.environment,
      };
      const { args = subject.args, announcement = subject.announcement } = more;
      return new Supervisor(resources, { name, args, announcement, environment }, timeline);
    };
    for (let place = 1; place <= options.nodes; place++) {
      const name = `node-${place}`;
      const proxy = await WhatsAppProxy.open(simulator.url);
      const supervisor = await supervise(name, { environment: { WHATSAPP_WS_URL: proxy.url } });
      processes.nodes.push({ name, proxy, supervisor });
    }
    for (let place = 1; place <= options.workers; place++) {
      const name = `worker-${place}`;
      const args = [join(import.meta.dirname, '../..', options.dist, 'worker.js')];
      const supervisor = await supervise(name, { args, announcement: '"Message worker started"' });
      processes.workers.push({ name, supervisor });
    }
    return processes;
  }

  get all(): readonly Worker[] {
    return [...this.nodes, ...this.workers];
  }

  get names(): string[] {
    return this.nodes.map(({ name }) => name);
  }

  get url(): string | undefined {
    const urls = this.nodes
      .filter((node) => !this.avoided.has(node))
      .flatMap(({ supervisor }) => supervisor.url ?? []);
    return urls.length === 0 ? undefined : this.random.pick(urls);
  }

  /** Starts everything, the first alone: it makes the tables. */
  async start(interrupt: AbortSignal): Promise<void> {
    const [first, ...others] = this.all;
    for (const group of [[first!], others]) {
      group.forEach(({ supervisor }) => supervisor.start());
      await Promise.all(group.map(({ supervisor }) => supervisor.up(interrupt)));
    }
  }

  /** Ends what is left without a warning. */
  async end(): Promise<void> {
    this.nodes.forEach(({ supervisor }) => supervisor.current?.signal('SIGCONT'));
    await Promise.all(this.all.map(({ supervisor }) => supervisor.kill()));
    this.nodes.forEach(({ proxy }) => proxy.close());
  }
}
