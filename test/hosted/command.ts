import { onStopSignal } from '../../src/common/stop-signals.js';
import { optionsOrCode } from '../chaos/interruptible.js';
import { UnruledRequestsError } from '../support/hosted/hosted-project.js';
import { startMigratedProject } from '../support/hosted/migrated-project.js';
import { makeProjectKeys } from '../support/hosted/project-keys.js';
import { startTestPostgres } from '../support/postgres-server.js';
import { type HostedOptions, readOptions, USAGE } from './options.js';

/**
 * The command line program.
 * @returns exit code: 0, 1 when there was a request without a rule, 2 for a faulty command line
 */
export async function runCommand(args: string[]): Promise<number> {
  const options = optionsOrCode(() => readOptions(args, process.env), USAGE);
  return typeof options === 'number' ? options : serve(options);
}

async function serve(options: HostedOptions): Promise<number> {
  const interrupted = new Promise<void>((resolve) => {
    onStopSignal(() => resolve());
  });
  const postgres = await startTestPostgres(options.databaseUrl);
  try {
    const { databaseUrl: _, ...rest } = options;
    const made = await startMigratedProject(postgres.url, { ...rest, keys: makeProjectKeys(options.key) });
    const { project, database } = made;
    options.faults.forEach((rule) => project.faults.add(rule));
    const key = options.usesLegacyKey ? project.keys.legacyServiceRole : project.keys.secret;
    process.stdout.write(
      `SUPABASE_URL=${project.url}\nSUPABASE_SERVICE_ROLE_KEY=${key}\n` +
        `# superuser: ${database.adminUrl}\n# project's postgres: ${database.ownerUrl}\n# anon: ${project.keys.publishable}\n`,
    );
    await interrupted;
    const { counters } = project;
    process.stderr.write(
      `${counters.total} requests, at most ${counters.mostParallel} at once, ${counters.bytesIn} bytes in, ${counters.bytesOut} out\n`,
    );
    await made.close();
    return 0;
  } catch (error) {
    if (error instanceof UnruledRequestsError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  } finally {
    await postgres.stop();
  }
}
