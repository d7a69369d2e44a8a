import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { STORED_EVENTS } from '../src/common/whatsapp-events.js';
import { DESCRIPTION } from '../src/http/openapi-description.js';

const ROOT = `${import.meta.dirname}/..`;
const read = (path: string) => readFile(`${ROOT}/${path}`, 'utf8');

it('names tables and events of messages that there are', async () => {
  const page = await read('docs/architecture.md');
  const section = page.slice(page.indexOf('## Changes to messages'), page.indexOf('## Who may call'));
  const names = [...section.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name]) => name!);
  const events = [...section.matchAll(/`(whatsapp:[a-z-]+)`/g)].map(([, name]) => name!);
  const types = await read('src/supabase/database.types.ts');

  expect(names.filter((name) => !types.includes(`${name}:`))).toEqual([]);
  expect(events.filter((name) => !(STORED_EVENTS as readonly string[]).includes(name))).toEqual([]);
});

it.each(STORED_EVENTS)('README and the API document tell of %s', async (name) => {
  const short = name.replace('whatsapp:message', '');
  const readme = await read('README.md');

  expect(readme.includes(`\`${name}\``) || readme.includes(`\`${short}\``)).toBe(true);
  expect(DESCRIPTION).toContain(`\`${name}\``);
});
