import type { Counters } from './counters.js';
import type { Faults } from './faults.js';
import { Gateway } from './gateway.js';
import { makeProjectKeys, type ProjectKeys } from './project-keys.js';
import { RestServer } from './rest-server.js';
import type { StorageServer } from './storage-server.js';

export interface HostedProjectOptions {
  /** Of the database, for the authenticator. */
  authenticatorUrl: string;
  port?: number;
  /** 20 ms by default. */
  roundTripMs?: number;
  /** 5 s by default. */
  keepAliveMs?: number;
  maxRows?: number;
  poolSize?: number;
  acquisitionMs?: number;
  /** Of chance. */
  seed?: number;
  keys?: ProjectKeys;
  jwks?: object;
  /** It is the caller's, to be stopped after the project. */
  storage?: StorageServer;
}

/** Somebody sent what this stand-in has no rule for. */
export class UnruledRequestsError extends Error {
  constructor(violations: readonly string[]) {
    super(`the stand-in for a hosted project has no rule for: ${[...new Set(violations)].join('; ')}`);
    this.name = 'UnruledRequestsError';
  }
}

/** A strict stand-in for a hosted Supabase project, over a database that is set up like one. */
export class HostedProject {
  readonly keys: ProjectKeys;
  private readonly gateway: Gateway;
  private readonly rest: RestServer;

  private constructor(keys: ProjectKeys, gateway: Gateway, rest: RestServer) {
    this.keys = keys;
    this.gateway = gateway;
    this.rest = rest;
  }

  /** Starts it on 127.0.0.1; the database has its schema already, or is told to have it read again (`notify pgrst`). */
  static async start(options: HostedProjectOptions): Promise<HostedProject> {
    const keys = options.keys ?? makeProjectKeys();
    const rest = await RestServer.start({
      connectionString: options.authenticatorUrl,
      maxRows: options.maxRows ?? 1000,
      poolSize: options.poolSize ?? 10,
      acquisitionMs: options.acquisitionMs ?? 10_000,
    });
    try {
      const gateway = await Gateway.listen(
        {
          port: options.port ?? 0,
          roundTripMs: options.roundTripMs ?? 20,
          keepAliveMs: options.keepAliveMs ?? 5000,
          seed: options.seed ?? 1,
          keys,
          jwks: options.jwks ?? { keys: [] },
          storage: options.storage,
        },
        rest,
      );
      return new HostedProject(keys, gateway, rest);
    } catch (error) {
      await rest.close();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.gateway.port}`;
  }

  get faults(): Faults {
    return this.gateway.faults;
  }

  get counters(): Counters {
    return this.gateway.counters;
  }

  /** What the service is told about it. */
  get environment(): { SUPABASE_URL: string; SUPABASE_SERVICE_ROLE_KEY: string } {
    return { SUPABASE_URL: this.url, SUPABASE_SERVICE_ROLE_KEY: this.keys.secret };
  }

  /**
   * Opens a further address, for one process alone.
   * @param process its name, which the database gets as `application_name`
   * @returns what that process is told
   */
  async doorFor(process: string): Promise<typeof this.environment> {
    const port = await this.gateway.openDoor(0, process);
    return { ...this.environment, SUPABASE_URL: `http://127.0.0.1:${port}` };
  }

  /** Closes all connections to it in the middle of what they do. */
  cut(): void {
    this.gateway.cut();
  }

  /** What was asked that there is no rule for. */
  get violations(): readonly string[] {
    return this.gateway.violations;
  }

  get roundTripMs(): number {
    return this.gateway.roundTripMs;
  }

  set roundTripMs(value: number) {
    this.gateway.roundTripMs = value;
  }

  /** @throws UnruledRequestsError */
  async close(): Promise<void> {
    await this.gateway.close();
    await this.rest.close();
    if (this.violations.length > 0) {
      throw new UnruledRequestsError(this.violations);
    }
  }
}
