import { parseEnv } from 'node:util';
import { KNOWN_VARIABLES } from './known-variables.js';

const ASSIGNMENT = /^\s*(?:export +)?([A-Za-z_][\w.-]*)\s*=/;
/** As other kinds of files write one, too. */
const COMMENT = /^\s*(#|;|\/\/)/;
/** What shells, YAML and lists put before a name: `set `, `$env:`, `- `, `"`. */
const OURS = new RegExp(
  `^\\W*(?:(?:set|setx|export|declare|env)\\b\\W*)*(${KNOWN_VARIABLES.join('|')})\\b`,
  'i',
);

type Variables = Record<string, string | undefined>;

/**
 * @param text of a file with variables
 * @param variables what was understood of it
 * @param name of the file
 * @returns a sentence for each line that begins with one of our variables and does not set it. No value is repeated.
 */
export function faultsOfLines(text: string, variables: Variables, name: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const at = `line ${index + 1} of ${name}`;
    const assigned = ASSIGNMENT.exec(line)?.[1];
    if (assigned !== undefined) {
      const isLost = KNOWN_VARIABLES.includes(assigned) && variables[assigned] === undefined;
      return isLost
        ? [`${assigned} in ${at} is inside the quotes of a value that begins above: end that one`]
        : [];
    }
    const named = COMMENT.test(line) ? undefined : OURS.exec(line)?.[1];
    return named === undefined
      ? []
      : [
          `${named.toUpperCase()} in ${at} is not set by it: write ${named.toUpperCase()}=<value>, alone in its line`,
        ];
  });
}

/** @returns a sentence for each of our variables that is set to several values, of which the last one counts */
export function repeatedNames(text: string, name: string): string[] {
  const values = new Map<string, Set<string | undefined>>();
  for (const line of text.split('\n')) {
    const assigned = ASSIGNMENT.exec(line)?.[1];
    if (assigned !== undefined && KNOWN_VARIABLES.includes(assigned)) {
      values.set(assigned, (values.get(assigned) ?? new Set()).add(parseEnv(line)[assigned]));
    }
  }
  return [...values]
    .filter(([, different]) => different.size > 1)
    .map(
      ([variable]) => `${variable} is in ${name} more than once, with different values: the last one counts`,
    );
}
