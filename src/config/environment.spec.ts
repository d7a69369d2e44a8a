import 'reflect-metadata';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { expect, it } from 'vitest';
import { Environment } from './environment.js';
import { loadConfig } from './load-config.js';

const EXAMPLE = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const VARIABLE = /^([A-Z][A-Z0-9_]*)=(.*)$/gm;
const listed = [...EXAMPLE.matchAll(VARIABLE)].map(([, name, value]): [string, string] => [name!, value!]);

it('knows the variables of .env.example, each once, and no others', () => {
  const rules = getMetadataStorage().getTargetValidationMetadatas(Environment, '', false, false);
  const known = new Set(rules.map(({ propertyName }) => propertyName));

  expect(known.size).toBeGreaterThan(30);
  expect(listed.map(([name]) => name).toSorted()).toEqual([...known].toSorted());
});

it('takes .env.example as it is', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'auzap-config-'));
  try {
    const given = { ...Object.fromEntries(listed), DATA_DIR: dataDir };

    expect(() => loadConfig(given)).not.toThrow();
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});
