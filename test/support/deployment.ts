import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** @returns names of packages that `npm ci --omit=dev` and `npm prune --omit=dev` leave, as paths */
export async function shippedPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(
      ([path, { dev, devOptional, optional }]) =>
        !dev && !devOptional && !optional && /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path),
    )
    .map(([path]) => path);
}

/** Puts those packages into a folder. */
export async function linkPackages(folder: string): Promise<void> {
  for (const path of await shippedPackages()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(ROOT, path), join(folder, path));
  }
}

/** The built service in a folder of its own, with what a production install has and no more, and a Node of the machine. */
export class Deployment {
  private constructor(
    private readonly home: string,
    readonly folder: string,
  ) {}

  /** @param variables written to its `.env` */
  static async make(variables: Record<string, string>): Promise<Deployment> {
    const home = await mkdtemp(join(tmpdir(), 'auzap-deployed-'));
    const folder = join(home, 'app');
    await mkdir(folder);
    for (const path of [
      'dist',
      'package.json',
      'asyncapi.json',
      'asyncapi.html',
      'supabase/migrations',
      'supabase/upgrade',
    ]) {
      await cp(join(ROOT, path), join(folder, path), { recursive: true });
    }
    await linkPackages(folder);
    const file = join(folder, '.env');
    await writeFile(
      file,
      Object.entries(variables)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
    );
    await chmod(file, 0o600);
    await mkdir(join(home, 'bin'));
    await symlink(process.execPath, join(home, 'bin/node'));
    return new Deployment(home, folder);
  }

  /** Another folder, for what belongs to a tool and not to the service. */
  async folderOf(tool: string): Promise<string> {
    const folder = join(this.home, tool);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** What whoever starts it has. */
  get environment(): Record<string, string> {
    return {
      PATH: [join(this.home, 'bin'), process.env.PATH].join(delimiter),
      HOME: this.home,
      npm_config_update_notifier: 'false',
    };
  }

  /** @returns what it logged */
  log(): Promise<string> {
    return readFile(join(this.folder, 'logs/app.log'), 'utf8').catch(() => '');
  }

  /** @returns the command line of each process that works in the folder */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const isOurs = await readlink(`/proc/${pid}/cwd`).then(
        (cwd) => cwd === this.folder,
        () => false,
      );
      if (isOurs) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        found.push(line.replaceAll('\0', ' ').trim());
      }
    }
    return found;
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}
