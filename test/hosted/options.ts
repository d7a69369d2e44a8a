import { parseArgs } from 'node:util';
import { messageOf } from '../../src/common/error-message.js';
import { UsageError } from '../chaos/options.js';
import { FAULT_KINDS } from '../support/hosted/fault-answers.js';
import { type FaultRule, parseFault } from '../support/hosted/faults.js';

/** What a run of the stand-in does. */
export interface HostedOptions {
  port: number;
  roundTripMs: number;
  keepAliveMs: number;
  maxRows: number;
  seed: number;
  age: 'old' | 'new';
  faults: FaultRule[];
  databaseUrl: string | undefined;
  databaseName: string | undefined;
  usesLegacyKey: boolean;
  key: string | undefined;
}

export const USAGE = `A strict stand-in for a hosted Supabase project on 127.0.0.1, over a real Postgres: prints what the service is to be told, and
runs until it is interrupted. Ends with 1 when it was sent something that it has no rule for.

  npm run build && node test/run.ts hosted --port 54321 --rtt 50 --fault jwt-401,html-403:0.05

  --port <n>              to listen on (a free one)
  --rtt <ms>              added to each request (20)
  --keep-alive <ms>       after which an idle connection is closed (5000)
  --max-rows <n>          (1000)
  --project <age>         new or old: which default privileges it has (new)
  --fault <rule>          <kind>[,<kind>…][@<function>][:<probability>][*<count>][!after]; may be given more than once
                          kinds: ${FAULT_KINDS.join(', ')}
  --seed <n>              of chance (1)
  --key <text>            keys are made from it, the same ones each time (random)
  --legacy-key            prints the legacy JWT of service_role in place of sb_secret_…
  --database-url <url>    a Postgres with a superuser's login to make the database in (an own one, $TEST_DATABASE_URL)
  --database-name <name>  of the database, which then stays and is used again (a new one that is dropped)
`;

/** @throws UsageError */
export function readOptions(args: string[], environment: NodeJS.ProcessEnv): HostedOptions | 'help' {
  const { values } = parse(args);
  if (values.help === true) {
    return 'help';
  }
  const age = values.project ?? 'new';
  if (age !== 'new' && age !== 'old') {
    throw new UsageError('--project is new or old');
  }
  const name = values['database-name'];
  if (name !== undefined && !/^[a-z_][a-z0-9_]*$/.test(name)) {
    throw new UsageError('--database-name has small letters, digits and _ only');
  }
  return {
    port: numberOf('port', values.port, 0),
    roundTripMs: numberOf('rtt', values.rtt, 20),
    keepAliveMs: numberOf('keep-alive', values['keep-alive'], 5000),
    maxRows: numberOf('max-rows', values['max-rows'], 1000),
    seed: numberOf('seed', values.seed, 1),
    age,
    faults: (values.fault ?? []).map((text) => faultOf(text)),
    databaseUrl: values['database-url'] ?? environment['TEST_DATABASE_URL'],
    databaseName: name,
    usesLegacyKey: values['legacy-key'] ?? false,
    key: values.key,
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args,
      options: {
        port: text,
        rtt: text,
        'keep-alive': text,
        'max-rows': text,
        project: text,
        fault: { type: 'string', multiple: true },
        seed: text,
        key: text,
        'legacy-key': { type: 'boolean' },
        'database-url': text,
        'database-name': text,
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function faultOf(text: string): FaultRule {
  try {
    return parseFault(text);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function numberOf(name: string, given: string | undefined, fallback: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isInteger(value) || value < 0) {
    throw new UsageError(`--${name} is a whole number`);
  }
  return value;
}
