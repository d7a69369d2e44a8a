import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Private words that had stood where the field has a word: none comes back in a name. `docs/glossary.md` has those that are ours. */
const REPLACED = [
  /Bell(?![a-z])|\bbell\b/,
  /commit-?log/i,
  /key-?agreement/i,
  /neighbourhood/i,
  /node-?keeper/i,
  /request-?(?:desk|clerk)|(?:registration|query)-?desk/i,
  /outbound-?(?:office|line|entry|entries)(?![a-z])/i,
  /shelf/i,
  /vault/i,
  /(?<!out)standing/i,
  /ways-?in(?![a-z])/i,
  /declared-?access/i,
  /stanza-?turns/i,
  /\bTurns\b/,
  /line-?watch/i,
  /loop-?slice/i,
  /fresh-?inbox/i,
  /poison/i,
  /outside-?(?:fetch|url(?!s_allow)|module|request|answer)|outside_(?!urls_allow|hours)/i,
  /(?<!in)deed(?![a-z])/i,
  /upkeep/i,
  /newcomers?-?first/i,
  /\b(?:Work|Worker|Process)Module\b|^(?:work|worker|process)\.module$/,
  /post-?office|receipt-?office|courier|backbone/i,
];

/** Words that begin a name: `Town`, `aTown`, `town.ts`. */
const WHOLE = new Set(['town', 'bed', 'estate', 'mayhem', 'caretaker', 'desk', 'clerk']);

const IDENTIFIER = /[A-Za-z_$][\w$]*/g;
/** Comments and what stands in quotes are sentences. */
const PROSE =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|\/(?![/*])(?:\\.|\[[^\]\n]*\]|[^/\\\n])+\/[a-z]*/g;

function sources(): string[] {
  return ['src', 'test', 'bench', 'tools', 'integrations']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((name) => name.endsWith('.ts') && !name.endsWith('database.types.ts'));
}

function wordsOf(name: string): string[] {
  return name.split(/[-_.$/]|(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());
}

function isReplaced(name: string): boolean {
  return REPLACED.some((word) => word.test(name)) || wordsOf(name).some((word) => WHOLE.has(word));
}

it.each([
  ['RequestDesk', true],
  ['outboundOffice', true],
  ['commitLog', true],
  ['isPoisoned', true],
  ['aTown', true],
  ['describeDeed', true],
  ['outstanding', false],
  ['indeed', false],
  ['liveStanding', true],
  ['groupCommit', false],
  ['deedless', false],
  ['stages', false],
])('tells that %s is a word of before: %s', (name, is) => {
  expect(isReplaced(name)).toBe(is);
});

it('calls nothing in the sources by a word that the field has another one for', () => {
  const found = sources().flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8').replace(PROSE, ' ');
    const names = new Set([...text.matchAll(IDENTIFIER)].map(([name]) => name));
    return [...names, file.replace(/\.ts$/, '')].filter(isReplaced).map((name) => `${file}: ${name}`);
  });

  expect(sources().length).toBeGreaterThan(500);
  expect(found).toEqual([]);
});
