import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostedProject } from '../support/hosted/hosted-project.js';
import { makeProjectDatabase, type ProjectAge } from '../support/hosted/project-database.js';
import { environmentOf, runToExit } from '../support/built-service.js';
import { MainJob } from '../support/main-job.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres-server.js';
import type { PostgresVersion } from '../support/postgres-versions.js';
import { CliProject } from './cli-project.js';

const PROJECTS: { version: PostgresVersion; age: ProjectAge }[] = [
  { version: 15, age: 'old' },
  { version: 17, age: 'new' },
];

describe.each(PROJECTS)('a project of the $age kind on Postgres $version', ({ version, age }) => {
  let server: TestPostgres;
  let cli: CliProject;
  let job: MainJob;
  let project: HostedProject | undefined;

  beforeEach(async () => {
    server = await startTestPostgres(undefined, undefined, { version, superuser: 'supabase_admin' });
    cli = await CliProject.make();
    job = await MainJob.prepare();
  });
  afterEach(async () => {
    try {
      await job.end();
      await project?.close();
    } finally {
      project = undefined;
      await cli.remove();
      await server.stop();
    }
  });

  it('that supabase db push made serves the main job by its database and by its REST API', async () => {
    const database = await makeProjectDatabase(server.url, age);
    for (const end of [/Finished supabase db push/, /Remote database is up to date/]) {
      const { status, output } = await cli.run(database.ownerUrl, ['push', '--yes']);
      expect(status, output).toBe(0);
      expect(output).toMatch(end);
    }
    const byDatabase = { DATABASE_URL: database.ownerUrl };
    project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl });

    await job.doTwice(byDatabase);
    await job.goOn(project.environment);
    await job.goOn(project.environment);
    await job.goOn(byDatabase);
  });

  it('takes over what was embedded, with the linked number', async () => {
    await job.start({});
    await job.link();
    await job.runWorkload();
    await job.stop();
    const database = await makeProjectDatabase(server.url, age);
    const move = ['move-data', '--to', database.ownerUrl];

    const moved = await runToExit('admin-cli.js', environmentOf(job.home), move);

    expect(moved, moved.output).toMatchObject({ code: 0 });
    project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl });
    await job.goOn(project.environment);
    await job.goOn({ DATABASE_URL: database.ownerUrl });
  });

  it('serves a number that was linked by its REST API', async () => {
    const database = await makeProjectDatabase(server.url, age);
    expect(await cli.run(database.ownerUrl, ['push', '--yes'])).toMatchObject({ status: 0 });
    project = await HostedProject.start({ authenticatorUrl: database.authenticatorUrl });

    await job.doTwice(project.environment);
  });
});
