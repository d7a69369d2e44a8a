import { STATUS_CODES } from 'node:http';
import { format } from 'prettier';
import { ERROR_SUBJECTS, type ErrorCode, errorEntry } from '../src/common/errors/catalogue.js';
import type { ErrorChannel } from '../src/common/errors/error-entry.js';

const WIDTH = 158;

const HEAD = `<!-- Written by \`npm run errors\` from src/common/errors: do not edit. -->

# Errors

Every failed call answers \`{ "success": false, "error": "<sentence>", "code": "<stable_code>", "requestId": "…" }\`, and each 400 has
\`details\`, too: a list of \`{ "path": "<field>", "message": "…" }\`. A refused or failed call of a socket is acknowledged with the same, without
\`requestId\`; where the client asked for no acknowledgement it comes as the event \`exception\`, and of a refused handshake as \`data\` of \`connect_error\`.

Programs go by \`code\`, which is stable and has one status; the sentence is for people, may say more than the one below, and may change. \`Retry-After\`
comes with each 429 and 503. A process may pass on a code that is not listed here, of a newer process or database: go by the status then.
What is behind an error, and what an operator does about it, is in [troubleshooting.md](troubleshooting.md).
`;

const ELSEWHERE: Readonly<Record<ErrorChannel, string>> = {
  socket: 'by sockets alone',
  command: 'by `npm run admin` alone',
  log: 'in the log alone',
};

/** @returns the page that lists all error codes by their status, each with where it comes from, its sentence, and what to do */
export async function errorDocs(): Promise<string> {
  const listed = Object.entries(ERROR_SUBJECTS).flatMap(([subject, entries]) =>
    (Object.keys(entries) as ErrorCode[]).map((code) => ({ subject, code, ...errorEntry(code) })),
  );
  const byStatus = Map.groupBy(listed, ({ status }) => status);
  const sections = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, errors]) => `## ${status} ${STATUS_CODES[status]}\n\n${errors.map(item).join('\n')}\n`);
  return format([HEAD, ...sections].join('\n'), { parser: 'markdown' });
}

type Listed = { subject: string; code: ErrorCode } & ReturnType<typeof errorEntry>;

function item({ subject, code, sentence, when, channel }: Listed): string {
  const where = [subject.toLowerCase(), ...(channel === undefined ? [] : [`shown ${ELSEWHERE[channel]}`])];
  const text = `- \`${code}\` (${where.join(', ')}): "${sentence.replaceAll('<', '\\<')}" ${when}`;
  return wrapped(text).join('\n  ');
}

/** @returns lines of no more than the width of a document's lines */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = `${last} ${word}`;
    }
  }
  return lines;
}
