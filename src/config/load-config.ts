import { resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AppConfig, type QueueDriver, type SupabaseAuth } from './app-config.js';
import { ConfigError } from './config-error.js';
import { databaseUrlOf } from './database-url.js';
import { Environment } from './environment.js';
import { decodeKey, hopsIn, splitList } from './environment-rules.js';
import type { EnvFile } from './env-file.js';
import { readOrMakeKey } from './key-file.js';
import { KNOWN_VARIABLES } from './known-variables.js';
import { closedFolder, looseFiles } from './loose-files.js';
import { LOOPBACK } from './loopback.js';
import { misspeltNames } from './misspelt-names.js';
import { defaultNodeId } from './node-id.js';
import { isAllReserved, requestBounds, socketBounds } from './place-bounds.js';
import { mediaConfig, mediaFaults } from './media-config.js';
import { productionFaults } from './production-faults.js';
import { readSecretFiles } from './secret-files.js';
import { projectUrlFaults, projectUrlOf } from './supabase-address.js';
import { serviceKeyFaults, serviceKeyOf } from './supabase-keys.js';
import { unsafeLinks } from './unsafe-links.js';

// oxlint-disable-next-line no-control-regex -- finding control characters is the point
const CONTROL = /[\u0000-\u001f\u007f]/;

/** What is wrong in them has a sentence of its own. */
const CHECKED_KEYS = ['SUPABASE_SERVICE_ROLE_KEY', 'SUPABASE_SECRET_KEY'];
/** In place of a path: standard output alone. */
const NO_LOG_FILE = 'none';

type Variables = Record<string, string | undefined>;

/**
 * Reads the configuration.
 * @param variables environment variables; empty ones count as absent, white space around a value does not count
 * @param envFile the file that some of them came from
 * @returns the checked configuration; in development it may have made `DATA_DIR` and an encryption key in it
 * @param answersCalls whether callers have to reach this process
 * @throws ConfigError that lists every fault
 */
export function loadConfig(
  variables: Variables = process.env,
  envFile?: Pick<EnvFile, 'path' | 'doubts'>,
  answersCalls = false,
): AppConfig {
  const present = Object.entries(variables)
    .map(([name, value = '']) => [name, value.trim()] as const)
    .filter(([, value]) => value !== '');
  const secrets = readSecretFiles(Object.fromEntries(present));
  const environment = plainToInstance(Environment, secrets.variables);
  const isProduction = environment.NODE_ENV === 'production';
  const loose = looseFiles([...secrets.paths, ...(envFile === undefined ? [] : [envFile.path])]);
  const doubts = [...(envFile?.doubts ?? []), ...misspeltNames(Object.keys(secrets.variables))];
  const faults = [
    ...faultsOfVariables(environment),
    ...faultsOfText(environment),
    ...secrets.faults,
    ...(isProduction ? productionFaults(environment) : []),
    ...faultsOfCombinations(environment),
    ...(isProduction ? loose : []),
  ];
  if (faults.length > 0) {
    throw new ConfigError([...faults, ...(answersCalls ? doubtsOfAuth(environment) : []), ...doubts]);
  }
  return toConfig(environment, [...doubts, ...(isProduction ? [] : loose)]);
}

function faultsOfVariables(environment: Environment): string[] {
  return validateSync(environment, { forbidUnknownValues: false }).map((error) => {
    const [message] = Object.values(error.constraints ?? {});
    return `${error.property} ${(message ?? 'is invalid').replace(`${error.property} `, '')}`;
  });
}

/** The end of a line that came along from a file of another system, or quotes that were not closed. */
function faultsOfText(environment: Environment): string[] {
  return KNOWN_VARIABLES.filter((name) => !CHECKED_KEYS.includes(name))
    .filter((name) => CONTROL.test(String(environment[name as keyof Environment] ?? '')))
    .map(
      (name) =>
        `${name} must not hold line breaks or other control characters: look at quotes and line ends where it is set`,
    );
}

function faultsOfCombinations(env: Environment): string[] {
  const rules: [boolean, string][] = [
    [
      env.SUPABASE_URL !== undefined && serviceKeyOf(env) === undefined,
      'SUPABASE_SERVICE_ROLE_KEY must be set with SUPABASE_URL (or SUPABASE_SECRET_KEY, its other name)',
    ],
    [
      env.SUPABASE_URL !== undefined && env.DATABASE_URL !== undefined,
      'DATABASE_URL and SUPABASE_URL exclude each other: set the one whose database is to be used',
    ],
    [
      env.QUEUE_DRIVER === 'bullmq' && env.REDIS_URL === undefined,
      'REDIS_URL must be set when QUEUE_DRIVER is bullmq',
    ],
    [
      env.RUN_WORKER === 'false' && queueDriverOf(env) === 'embedded',
      'RUN_WORKER=false needs a worker in another process: set REDIS_URL, and not QUEUE_DRIVER=embedded',
    ],
    [
      env.RUN_WORKER === 'false' && queueDriverOf(env) === 'bullmq' && isEmbeddedDatabase(env),
      'RUN_WORKER=false needs a worker in another process: set DATABASE_URL or SUPABASE_URL, for no other process can open the embedded database',
    ],
    [
      isAllReserved(env),
      'SOCKETS_RESERVED must be less than SOCKETS_PER_PROCESS (5000 by default), of which they are a part',
    ],
    [
      env.WHATSAPP_SIMULATOR === 'true' && env.WHATSAPP_WS_URL !== undefined,
      'WHATSAPP_WS_URL and WHATSAPP_SIMULATOR=true exclude each other',
    ],
    [
      authModeOf(env) === 'open' && env.HOST !== undefined && !LOOPBACK.test(env.HOST),
      `HOST must be a loopback address such as 127.0.0.1 when AUTH_MODE is open, not ${env.HOST}`,
    ],
  ];
  return [
    ...rules.filter(([isBroken]) => isBroken).map(([, fault]) => fault),
    ...projectUrlFaults(env),
    ...serviceKeyFaults(env),
    ...mediaFaults(env),
  ];
}

/** The database may hold a key, but is not asked where there are faults: what it would say must not be news at the next start. */
function doubtsOfAuth(env: Environment): string[] {
  const hasWay =
    authModeOf(env) === 'open' ||
    [env.ADMIN_API_KEY, env.SUPABASE_JWT_SECRET, jwksUrlOf(env)].some((way) => way !== undefined);
  return hasWay
    ? []
    : ['ADMIN_API_KEY must be set, unless there is a key made by: npm run admin -- create-key'];
}

function toConfig(env: Environment, doubts: string[]): AppConfig {
  const isProduction = env.NODE_ENV === 'production';
  const authMode = authModeOf(env);
  const dataDir = resolve(env.DATA_DIR ?? './data');
  const holdsSecrets = isEmbeddedDatabase(env) || env.SESSION_ENCRYPTION_KEY === undefined;
  const kept = holdsSecrets ? closedFolder(dataDir) : [];
  const sessionEncryptionKeys = encryptionKeys(env, dataDir);
  return new AppConfig({
    nodeEnv: env.NODE_ENV ?? 'development',
    isProduction,
    port: Number(env.PORT ?? 3000),
    host: env.HOST ?? (authMode === 'open' ? '127.0.0.1' : '0.0.0.0'),
    workerHealth:
      env.WORKER_HEALTH_PORT === undefined
        ? undefined
        : { port: Number(env.WORKER_HEALTH_PORT), host: env.HOST ?? '127.0.0.1' },
    dataDir,
    databaseUrl: databaseUrlOf(env),
    databasePoolSize: Number(env.DATABASE_POOL_SIZE ?? 10),
    // Longer than an old version takes to end; who develops has started it twice by mistake.
    dataDirWaitSeconds: Number(env.DATA_DIR_WAIT_SECONDS ?? (isProduction ? 60 : 5)),
    supabaseUrl: projectUrlOf(env),
    supabaseServiceRoleKey: serviceKeyOf(env),
    startWaitMs: Number(env.START_WAIT_SECONDS ?? 60) * 1_000,
    supabaseJwksUrl: jwksUrlOf(env),
    supabaseJwtIssuers: issuersOf(env),
    supabaseJwtSecret: env.SUPABASE_JWT_SECRET,
    supabaseAuth: supabaseAuthOf(env),
    redisUrl: env.REDIS_URL,
    queueDriver: queueDriverOf(env),
    // Nobody else can empty the inbox of a database that is this process's alone.
    runWorker:
      env.RUN_WORKER === undefined ? !isProduction || isEmbeddedDatabase(env) : env.RUN_WORKER === 'true',
    whatsappWsUrl: env.WHATSAPP_WS_URL,
    whatsappSimulator: env.WHATSAPP_SIMULATOR === 'true',
    whatsappRootKey: env.WHATSAPP_ROOT_KEY,
    sessionEncryptionKeys,
    authMode,
    adminApiKey: env.ADMIN_API_KEY,
    corsOrigins: splitList(env.CORS_ORIGINS ?? (isProduction ? '' : 'http://localhost:5173')),
    trustProxy: trustedProxies(env),
    egressAllow: splitList(env.OUTSIDE_URLS_ALLOW ?? ''),
    rateLimits: {
      key: Number(env.RATE_LIMIT_KEY ?? 3_000),
      organization: Number(env.RATE_LIMIT_ORGANIZATION ?? 6_000),
      address: Number(env.RATE_LIMIT_ADDRESS ?? 6_000),
      failedAuth: Number(env.RATE_LIMIT_FAILED_AUTH ?? 2_000),
      signIn: Number(env.RATE_LIMIT_SIGN_IN ?? 20),
    },
    pairingsPerMinute: Number(env.RATE_LIMIT_PAIRING ?? 60),
    pairingsPerOrganization: Number(env.PAIRINGS_PER_ORGANIZATION ?? 50),
    connectionsPerAddress: Number(env.CONNECTIONS_PER_ADDRESS ?? 1_000),
    sockets: socketBounds(env),
    requests: requestBounds(env),
    linkPreviews: env.LINK_PREVIEWS ?? 'ask',
    media: mediaConfig(env),
    hasConsole: env.CONSOLE !== 'off',
    bookingPolicy: env.BOOKING_POLICY ?? 'one-open',
    hasFastReceive: env.FAST_RECEIVE !== 'off',
    auditMinDays: Number(env.AUDIT_MIN_DAYS ?? 365),
    logLevel: env.LOG_LEVEL ?? 'info',
    logFile: env.LOG_FILE === NO_LOG_FILE ? undefined : resolve(env.LOG_FILE ?? 'logs/app.log'),
    nodeId: env.NODE_ID ?? defaultNodeId(),
    leaseSeconds: Number(env.LEASE_SECONDS ?? 15),
    logoutHours: Number(env.LOGOUT_HOURS ?? 24),
    warnings: [...doubts, ...kept, ...unsafeLinks(env)],
  });
}

function authModeOf(env: Environment): 'open' | 'required' {
  return env.AUTH_MODE ?? (env.NODE_ENV === 'production' ? 'required' : 'open');
}

function jwksUrlOf(env: Environment): string | undefined {
  const project = projectUrlOf(env);
  return env.SUPABASE_JWKS_URL ?? (project && `${project}/auth/v1/.well-known/jwks.json`);
}

function issuersOf(env: Environment): string[] {
  const project = projectUrlOf(env);
  if (env.SUPABASE_JWT_ISSUER !== undefined) {
    return splitList(env.SUPABASE_JWT_ISSUER);
  }
  return project === undefined ? [] : [`${project}/auth/v1`];
}

/** Where tokens are checked alone, users sign in only if there is a key: their keys are at an address of Supabase's, or of anybody's. */
function supabaseAuthOf(env: Environment): SupabaseAuth | undefined {
  const project = projectUrlOf(env);
  if (project !== undefined) {
    return { url: `${project}/auth/v1`, key: env.SUPABASE_ANON_KEY ?? serviceKeyOf(env) };
  }
  const [, url] =
    /^(https?:\/\/.+\/auth\/v1)\/\.well-known\/jwks\.json$/.exec(env.SUPABASE_JWKS_URL ?? '') ?? [];
  return url === undefined || env.SUPABASE_ANON_KEY === undefined
    ? undefined
    : { url, key: env.SUPABASE_ANON_KEY };
}

function queueDriverOf(env: Environment): QueueDriver {
  if (env.QUEUE_DRIVER !== undefined) {
    return env.QUEUE_DRIVER;
  }
  if (env.REDIS_URL !== undefined) {
    return 'bullmq';
  }
  return env.NODE_ENV === 'production' ? 'none' : 'embedded';
}

function trustedProxies({ TRUST_PROXY }: Environment): AppConfig['trustProxy'] {
  return TRUST_PROXY === undefined ? undefined : (hopsIn(TRUST_PROXY) ?? splitList(TRUST_PROXY));
}

function isEmbeddedDatabase(env: Environment): boolean {
  return env.DATABASE_URL === undefined && env.SUPABASE_URL === undefined;
}

function encryptionKeys(env: Environment, dataDir: string): Buffer[] {
  if (env.SESSION_ENCRYPTION_KEY === undefined) {
    return [readOrMakeKey(dataDir)];
  }
  return splitList(env.SESSION_ENCRYPTION_KEY).flatMap((key) => decodeKey(key) ?? []);
}
