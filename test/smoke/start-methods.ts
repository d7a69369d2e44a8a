import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Deployment } from '../support/deployment.js';
import { ContainedProcess } from '../support/contained-process.js';
import { ensureProgram } from '../support/system-package.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const PM2 = 'pm2@7.0.4';
const INSTALL_LIMIT_MS = 180_000;
const COMMAND_LIMIT_MS = 60_000;
/** Where the documentation has the service. */
const DOCUMENTED_FOLDER = '/opt/auzap-whatsapp';

/** A service as something started it. */
export interface Started {
  /** Stops the service as the documentation, or the system, does. */
  stop: () => Promise<void>;
  /** Ends what started it, where that stays, and everything of it that is left. */
  end: () => Promise<void>;
}

/** A way to start the service that the documentation names. */
export interface StartMethod {
  name: string;
  /** Installs what it needs. */
  prepare?: () => Promise<void>;
  start: (deployment: Deployment) => Promise<Started>;
  /** Removes what was installed for it alone. */
  clear?: () => Promise<void>;
}

/** @returns the example for it in `docs/operations.md`, for this folder */
export async function documented(first: string, folder = DOCUMENTED_FOLDER): Promise<string> {
  const text = await readFile(join(ROOT, 'docs/operations.md'), 'utf8');
  const blocks = [...text.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  const block = blocks.find((one) => one.startsWith(first));
  if (block === undefined) {
    throw new Error(`docs/operations.md has no example that begins with ${first}`);
  }
  // Production refuses the simulated network.
  return block.replaceAll(DOCUMENTED_FOLDER, folder).replaceAll('production', 'test');
}

/** @returns what the image runs: its entry point and its command */
export async function imageCommand(): Promise<string[]> {
  const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  return ['ENTRYPOINT', 'CMD'].flatMap((instruction) => {
    const [, list] = new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(dockerfile) ?? [];
    return JSON.parse(list!) as string[];
  });
}

/** The child gets SIGTERM alone; what it started is a group that can be ended with it. */
function startedAs(command: readonly string[], { folder, environment }: Deployment, more = {}): Started {
  const child = spawn(command[0]!, command.slice(1), {
    cwd: folder,
    env: { ...environment, ...more },
    stdio: 'ignore',
    detached: true,
  });
  return {
    stop: () => ended(child, () => child.kill('SIGTERM')),
    end: async () => killGroup(child),
  };
}

async function ended(child: ChildProcess, stop: () => void): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, 'exit');
    stop();
    await exit;
  }
  if (child.exitCode !== 0) {
    throw new Error(`ended with ${child.exitCode ?? child.signalCode}, and not in order`);
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

const NPM: StartMethod = {
  name: 'npm start',
  start: async (deployment) => startedAs(['npm', 'start'], deployment),
};

const NODE: StartMethod = {
  name: 'node dist/main.js',
  start: async (deployment) => startedAs(['node', 'dist/main.js'], deployment),
};

const SCRIPT: StartMethod = {
  name: 'a script that ends with exec npm start',
  start: async (deployment) => {
    const script = join(await deployment.folderOf('script'), 'start.sh');
    await writeFile(script, await documented('#!/bin/sh', deployment.folder), { mode: 0o755 });
    return startedAs([script], deployment);
  },
};

/** A worker of its own; needs Redis, and a database that others reach, too. */
export const WORKER: StartMethod = {
  name: 'npm run worker',
  start: async (deployment) => startedAs(['npm', 'run', 'worker'], deployment),
};

/** What systemd does with the unit; there is one on few machines where tests run. */
const SYSTEMD: StartMethod = {
  name: 'the unit of systemd',
  start: async (deployment) => {
    const unit = await documented('# systemd', deployment.folder);
    const settings = new Map([...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name!, value!]));
    const [, variable, value] = /^(\w+)=(.*)$/.exec(settings.get('Environment')!)!;
    return startedAs(settings.get('ExecStart')!.split(' '), deployment, { [variable!]: value });
  },
};

const SUPERVISOR: StartMethod = {
  name: 'supervisord',
  prepare: () =>
    ensureProgram({
      command: ['supervisord', '--version'],
      debian: 'supervisor',
      elsewhere: 'pip install supervisor',
    }),
  start: async (deployment) => {
    const folder = await deployment.folderOf('supervisor');
    const file = join(folder, 'supervisord.conf');
    const program = await documented('; supervisord', deployment.folder);
    await writeFile(
      file,
      `[unix_http_server]\nfile=${folder}/s.sock\n[supervisord]\nlogfile=${folder}/s.log\npidfile=${folder}/s.pid\n` +
        `childlogdir=${folder}\nnodaemon=true\n[supervisorctl]\nserverurl=unix://${folder}/s.sock\n` +
        `[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n${program}`,
    );
    const env = deployment.environment;
    const daemon = spawn('supervisord', ['--configuration', file], { cwd: folder, env, stdio: 'ignore' });
    return {
      stop: async () =>
        void (await run('supervisorctl', ['--configuration', file, 'stop', 'auzap'], {
          env,
          timeout: COMMAND_LIMIT_MS,
        })),
      end: () => ended(daemon, () => daemon.kill('SIGTERM')),
    };
  },
};

/** Stopped as its machine stops it: it passes that on. */
const SUPERVISOR_ITSELF: StartMethod = {
  ...SUPERVISOR,
  name: 'supervisord that is stopped itself',
  start: async (deployment) => {
    const { end } = await SUPERVISOR.start(deployment);
    return { stop: end, end };
  },
};

let pm2Folder: string | undefined;

const PM2_FORK: StartMethod = {
  name: 'pm2',
  prepare: async () => {
    pm2Folder = await mkdtemp(join(tmpdir(), 'auzap-pm2-'));
    const args = ['install', '--prefix', pm2Folder, '--no-audit', '--no-fund', '--ignore-scripts', PM2];
    await run('npm', args, { cwd: pm2Folder, timeout: INSTALL_LIMIT_MS });
  },
  start: async (deployment) => {
    const folder = await deployment.folderOf('pm2');
    const file = join(folder, 'ecosystem.config.cjs');
    await writeFile(file, await documented('// pm2', deployment.folder));
    const pm2 = (...args: string[]) =>
      run(join(pm2Folder!, 'node_modules/.bin/pm2'), args, {
        cwd: folder,
        env: { ...deployment.environment, PM2_HOME: folder },
        timeout: COMMAND_LIMIT_MS,
      });
    await pm2('start', file);
    return {
      stop: async () => void (await pm2('stop', 'auzap')),
      end: async () => void (await pm2('kill')),
    };
  },
  clear: () => rm(pm2Folder!, { recursive: true, force: true }),
};

/** As process 1 of a container. */
const IMAGE: StartMethod = {
  name: 'the command of the image',
  prepare: () =>
    ensureProgram({ command: ['tini', '--version'], debian: 'tini', elsewhere: 'from its repository' }),
  start: async (deployment) => {
    const container = ContainedProcess.run(await imageCommand(), deployment.environment, deployment.folder);
    container.onOutput(() => undefined);
    return {
      stop: async () => {
        container.signal('SIGTERM');
        const code = await container.ended();
        if (code !== 0) {
          throw new Error(`the container ended with ${code}`);
        }
      },
      end: async () => {
        container.signal('SIGKILL');
        await container.ended();
      },
    };
  },
};

/** All ways that the documentation names. */
export const START_METHODS: readonly StartMethod[] = [
  NPM,
  NODE,
  SCRIPT,
  SYSTEMD,
  SUPERVISOR,
  SUPERVISOR_ITSELF,
  PM2_FORK,
  IMAGE,
];
