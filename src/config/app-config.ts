import type { LevelWithSilent } from 'pino';
import type { MediaConfig } from './media-config.js';

export type BookingPolicy = 'one-open' | 'every-message' | 'off';

/**
 * Who is told of received messages: `bullmq` workers in any process, by Redis; `embedded` the one of this process;
 * `none` nobody, and they wait in the database.
 */
export type QueueDriver = 'bullmq' | 'embedded' | 'none';

export type AuthMode = 'open' | 'required';

/** Calls a minute; 0 turns a limit off. */
export interface RateLimits {
  /** Of one API key or user. */
  key: number;
  /** Of all keys of an organization. */
  organization: number;
  /** Of one address, without a valid token. */
  address: number;
  /** Wrong tokens from one address. */
  failedAuth: number;
  /** Tries to sign in with an e-mail address, from one address and for one person. */
  signIn: number;
}

/** Where users sign in. */
export interface SupabaseAuth {
  /** Of Supabase Auth, without a slash at its end. */
  url: string;
  /** What the gateway before it asks for; undefined where there is none. */
  key: string | undefined;
}

/** How many of a kind callers of one process may hold at a time; 0 turns a bound off, but for the total. */
export interface PlaceBounds {
  /** One API key. */
  key: number;
  /** One user. */
  user: number;
  /** All keys and users of an organization. */
  organization: number;
  /** One address, without a valid token. */
  address: number;
  /** All callers together. */
  total: number;
  /** Of those, the ones that administrators alone may have. */
  reserved: number;
}

export type ConfigValues = Omit<AppConfig, 'with'>;

/** Everything that the environment decides, checked and typed. The class is its own injection token. */
export class AppConfig {
  readonly nodeEnv: 'development' | 'production' | 'test';
  readonly isProduction: boolean;
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Where a worker of its own answers health probes; undefined: nowhere. */
  readonly workerHealth: { readonly port: number; readonly host: string } | undefined;
  /** Absolute path of the folder for the embedded database, keys and media. */
  readonly dataDir: string;
  /** How long a start waits for another process to give `dataDir` back, in s. */
  readonly dataDirWaitSeconds: number;
  /** With the TLS parameters that variables name. */
  readonly databaseUrl: string | undefined;
  /** Connections to the database at most. */
  readonly databasePoolSize: number;
  readonly supabaseUrl: string | undefined;
  readonly supabaseServiceRoleKey: string | undefined;
  /** How long a start waits for a database that is not there yet, in ms. */
  readonly startWaitMs: number;
  /** Where the public keys are that sign users' tokens. */
  readonly supabaseJwksUrl: string | undefined;
  /** Whose tokens are taken, by `iss`; empty: of anybody whose key signed them. */
  readonly supabaseJwtIssuers: readonly string[];
  /** Shared secret that signs users' tokens, in older projects. */
  readonly supabaseJwtSecret: string | undefined;
  /** Where users sign in with an e-mail address; undefined where nobody can. */
  readonly supabaseAuth: SupabaseAuth | undefined;
  readonly redisUrl: string | undefined;
  readonly queueDriver: QueueDriver;
  /** With `bullmq`: whether a worker runs in this process. */
  readonly runWorker: boolean;
  /** Where Baileys connects; undefined is WhatsApp's own server. */
  readonly whatsappWsUrl: string | undefined;
  /** Start the simulated network in this process and connect to it. */
  readonly whatsappSimulator: boolean;
  /** Noise certificate root to trust instead of WhatsApp's: 32 bytes in hex. */
  readonly whatsappRootKey: string | undefined;
  /** 32 bytes each; the first seals, all open. */
  readonly sessionEncryptionKeys: readonly Buffer[];
  readonly authMode: AuthMode;
  /** Bearer token that may do everything; undefined in open mode where it was not given. */
  readonly adminApiKey: string | undefined;
  /** Origins that browsers may call from; `*` for any. */
  readonly corsOrigins: readonly string[];
  /** How many proxies stand before the service, or which; undefined: the address that connects is the caller. */
  readonly trustProxy: number | readonly string[] | undefined;
  /** Hosts and networks of the operator that URLs of users may lead to although they are not public. */
  readonly egressAllow: readonly string[];
  readonly rateLimits: RateLimits;
  /** Phones that an organization may begin to link and not link, in a minute; 0 for as many as it likes. */
  readonly pairingsPerMinute: number;
  /** Phones that an organization may be linking at the same time, on all nodes; 0 for as many as it likes. */
  readonly pairingsPerOrganization: number;
  /** Open TCP connections from one address; 0 for as many as there are. */
  readonly connectionsPerAddress: number;
  /** Open sockets. */
  readonly sockets: PlaceBounds;
  /** Requests that are not answered yet. */
  readonly requests: PlaceBounds;
  /** Whether pages behind links of texts are called for a preview: of all, of those of which it is asked, of none. */
  readonly linkPreviews: 'on' | 'ask' | 'off';
  readonly media: MediaConfig;
  /** The service shows its page at `/`. */
  readonly hasConsole: boolean;
  readonly bookingPolicy: BookingPolicy;
  /** Usual messages are received without the WhatsApp library's detours. */
  readonly hasFastReceive: boolean;
  /** So long entries of the audit log are kept at least, whatever an organization sets. */
  readonly auditMinDays: number;
  readonly logLevel: LevelWithSilent;
  /** Absolute path of the log file; undefined where lines go to standard output alone. */
  readonly logFile: string | undefined;
  /** Names this process in leases. */
  readonly nodeId: string;
  /** How long a session stays with a process that gives no sign of life, in s. */
  readonly leaseSeconds: number;
  /** How long the device of a deleted instance is tried to be logged out while it can't be reached, in hours. */
  readonly logoutHours: number;
  /** What is not safe about it and does not keep the service from starting: a sentence each. */
  readonly warnings: readonly string[];

  constructor(values: ConfigValues) {
    Object.assign(this, values);
  }

  /** @returns a copy with some values changed */
  with(changes: Partial<ConfigValues>): AppConfig {
    return new AppConfig(Object.assign({}, this, changes));
  }
}

/** @returns whether a message worker runs in this process */
export function hasWorker(config: Pick<AppConfig, 'queueDriver' | 'runWorker'>): boolean {
  return config.queueDriver === 'embedded' || (config.queueDriver === 'bullmq' && config.runWorker);
}
