import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Manifest {
  workspaces: string[];
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

interface LockedPackage {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')) as T;
}

const manifest = read<Manifest>('package.json');
const { workspaces: WORKSPACES } = manifest;
const { packages } = read<{ packages: Record<string, LockedPackage> }>('package-lock.json');
const named = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
/** Workspaces are of this repository, and what links to them. */
const isOwn = (path: string, { resolved = '', link = false }: LockedPackage): boolean =>
  path === '' || WORKSPACES.includes(path) || (link && WORKSPACES.includes(resolved));
const locked = Object.entries(packages).filter(([path, one]) => !isOwn(path, one));

describe.each(WORKSPACES)('the dependencies of %s', (workspace) => {
  const { dependencies, devDependencies } = read<Partial<Manifest>>(`${workspace}/package.json`);

  it('are named by one exact version each, and locked there', () => {
    const versions = Object.entries({ ...dependencies, ...devDependencies }).map(([name, version]) => {
      // Its own one where it has another version than the rest.
      const found = packages[`${workspace}/node_modules/${name}`] ?? packages[`node_modules/${name}`];
      return [name, version, (found?.link ? packages[found.resolved!] : found)?.version];
    });

    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter(([, version, lockedAt]) => version !== lockedAt)).toEqual([]);
  });

  it('are as the lock has them', () => {
    const locked = packages[workspace]!;
    expect(locked.dependencies).toEqual(dependencies);
    expect(locked.devDependencies).toEqual(devDependencies);
  });
});

describe('dependencies', () => {
  it('are named by one exact version each', () => {
    const loose = named.filter(([, version]) => !/^(npm:[\w/@-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('are locked at these versions', () => {
    const { dependencies, devDependencies } = packages['']!;
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
    const others = named.filter(
      ([name, version]) => packages[`node_modules/${name}`]?.version !== version.replace(/^npm:.+@/, ''),
    );
    expect(others).toEqual([]);
  });

  it('come from the registry, each with its checksum', () => {
    expect(locked.length).toBeGreaterThan(100);
    const unproven = locked.filter(([, { integrity = '' }]) => !integrity.startsWith('sha512-'));
    const elsewhere = locked.filter(
      ([, { resolved, link }]) => link || (resolved && !resolved.startsWith('https://registry.npmjs.org/')),
    );
    expect([...unproven, ...elsewhere].map(([path]) => path)).toEqual([]);
  });

  it('run no script at their installation that was not decided upon', () => {
    const names = locked
      .filter(([, { hasInstallScript }]) => hasInstallScript)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !(name in manifest.allowScripts))).toEqual([]);
  });
});
