import { join } from 'node:path';
import type { Doors } from '../chaos/doors.js';
import type { Random } from '../chaos/random.js';
import { ServiceSubject } from '../chaos/service-subject.js';
import { Supervisor } from '../chaos/supervisor.js';
import type { World } from '../chaos/world.js';
import { Gate } from './gate.js';
import type { ClusterOptions } from './cluster-options.js';

/** An API process. */
export interface Node {
  name: string;
  supervisor: Supervisor;
  gate: Gate;
}

/** A worker process. */
export interface Worker {
  name: string;
  supervisor: Supervisor;
}

/** The processes of the service that share a database. Calls go to any API process. */
export class Fleet implements Doors {
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
    world: World,
    options: ClusterOptions,
    redisUrl: string | undefined,
    random: Random,
  ): Promise<Fleet> {
    const { estate, simulator, database, timeline } = world;
    const subject = new ServiceSubject(world, options.dist);
    const fleet = new Fleet(subject, random);
    const supervise = async (
      name: string,
      more: { args?: string[]; announcement?: string; environment?: object },
    ) => {
      const environment = {
        ...subject.environment,
        ...(await database.environmentFor(name)),
        LOG_FILE: join(estate.folder, `${name}.log`),
        NODE_ID: name,
        LEASE_SECONDS: String(options.lease),
        ...(redisUrl === undefined
          ? { QUEUE_DRIVER: 'embedded' }
          : { REDIS_URL: redisUrl, RUN_WORKER: 'false' }),
        ...more.environment,
      };
      const { args = subject.args, announcement = subject.announcement } = more;
      return new Supervisor(estate, { name, args, announcement, environment }, timeline);
    };
    for (let place = 1; place <= options.nodes; place++) {
      const name = `node-${place}`;
      const gate = await Gate.open(simulator.url);
      const supervisor = await supervise(name, { environment: { WHATSAPP_WS_URL: gate.url } });
      fleet.nodes.push({ name, gate, supervisor });
    }
    for (let place = 1; place <= options.workers; place++) {
      const name = `worker-${place}`;
      const args = [join(import.meta.dirname, '../..', options.dist, 'worker.js')];
      const supervisor = await supervise(name, { args, announcement: '"Message worker started"' });
      fleet.workers.push({ name, supervisor });
    }
    return fleet;
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
    this.nodes.forEach(({ supervisor }) => supervisor.life?.signal('SIGCONT'));
    await Promise.all(this.all.map(({ supervisor }) => supervisor.kill()));
    this.nodes.forEach(({ gate }) => gate.close());
  }
}
