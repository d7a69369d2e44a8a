import { Environment } from '../common/environment.ts';

const TOKEN_CHARS = 24;

/** What the bridge is told by its environment. */
export interface BridgeSettings {
  service: { url: string; apiKey: string | undefined; instanceId: string; webhookSecret: string };
  chatwoot: { url: string; accountId: number; inboxId: number; accessToken: string; pathToken: string };
  host: string;
  port: number;
  stateFile: string;
  /** How long a message of an agent may wait to be sent. */
  sendMinutes: number;
  maxFileBytes: number;
  timeoutMs: number;
}

/**
 * @param variables as `process.env` has them
 * @throws ConfigurationError naming every fault
 */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): BridgeSettings {
  const environment = new Environment(variables);
  const settings: BridgeSettings = {
    service: {
      url: environment.url('AUZAP_URL', 'set it to where the service is, such as http://localhost:3000'),
      apiKey: environment.optional('AUZAP_API_KEY'),
      instanceId: environment.required('AUZAP_INSTANCE_ID', 'set it to the id of the number that is bridged'),
      webhookSecret: environment.required(
        'AUZAP_WEBHOOK_SECRET',
        'set it to the `secret` that creating the webhook answered',
      ),
    },
    chatwoot: {
      url: environment.url('CHATWOOT_URL', 'set it to where Chatwoot is, such as https://app.chatwoot.com'),
      accountId: environment.integer('CHATWOOT_ACCOUNT_ID', { min: 1, max: Number.MAX_SAFE_INTEGER }),
      inboxId: environment.integer('CHATWOOT_INBOX_ID', { min: 1, max: Number.MAX_SAFE_INTEGER }),
      accessToken: environment.required(
        'CHATWOOT_ACCESS_TOKEN',
        'set it to the access token of a Chatwoot agent',
      ),
      pathToken: environment.required(
        'CHATWOOT_PATH_TOKEN',
        'set it to a secret of your own, such as `openssl rand -hex 24` prints',
      ),
    },
    host: environment.optional('HOST') ?? '127.0.0.1',
    port: environment.integer('PORT', { fallback: 3100, min: 0, max: 65_535 }),
    stateFile: environment.optional('CHATWOOT_STATE_FILE') ?? 'data/chatwoot-bridge.db',
    sendMinutes: environment.integer('CHATWOOT_SEND_MINUTES', { fallback: 10, min: 1, max: 1440 }),
    maxFileBytes:
      environment.integer('CHATWOOT_MAX_FILE_MB', { fallback: 40, min: 1, max: 200 }) * 1024 * 1024,
    timeoutMs: environment.integer('CHATWOOT_TIMEOUT_MS', { fallback: 10_000, min: 500, max: 60_000 }),
  };
  const { pathToken } = settings.chatwoot;
  if (pathToken !== '' && !/^[\w-]+$/.test(pathToken)) {
    environment.fault(
      'CHATWOOT_PATH_TOKEN may have letters, digits, - and _ alone: it is part of an address',
    );
  }
  if (pathToken !== '' && pathToken.length < TOKEN_CHARS) {
    environment.fault(
      `CHATWOOT_PATH_TOKEN must have at least ${TOKEN_CHARS} characters: it is all that protects the address`,
    );
  }
  environment.check();
  return settings;
}
