import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { type FilePart, readForm } from './multipart.js';

const PART = 'content-type: text/plain\r\n\r\nhello\r\n';

/** A call that brings a form. */
function formOf(body: string): IncomingMessage {
  const request = Readable.from([Buffer.from(body)]);
  return Object.assign(request, {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  }) as unknown as IncomingMessage;
}

const part = (disposition: string) => `--b\r\ncontent-disposition: form-data; ${disposition}\r\n${PART}`;

/** What takes its time before it reads. */
const late = async ({ stream }: FilePart) => {
  await new Promise(setImmediate);
  return text(stream);
};

it('reads a form with one file', async () => {
  const form = formOf(`${part('name="file"; filename="a.txt"')}--b--\r\n`);

  expect(await readForm(form, ({ stream }) => text(stream), vi.fn())).toMatchObject({ file: 'hello' });
});

// An error that nobody listens to ends the process, and with it the sessions of everybody.
it.each([
  ['a file without a name', `${part('filename="a.txt"')}--b--\r\n`, 'validation_failed'],
  ['a file of another name', `${part('name="other"; filename="a.txt"')}--b--\r\n`, 'validation_failed'],
  ['a file of another name that is cut off', part('name="other"; filename="a.txt"'), 'validation_failed'],
  [
    'a second file that is cut off',
    part('name="file"; filename="a.txt"') + part('name="file"; filename="b.txt"'),
    'validation_failed',
  ],
  ['a file that is cut off before anybody reads it', part('name="file"; filename="a.txt"'), 'invalid_body'],
  ['nothing at all', '', 'invalid_body'],
])('refuses %s, and goes on', async (_what, body, code) => {
  const uncaught = vi.fn<() => void>();
  process.prependOnceListener('uncaughtExceptionMonitor', uncaught);

  await expect(readForm(formOf(body), late, vi.fn())).rejects.toMatchObject({ code });
  await new Promise(setImmediate);

  process.off('uncaughtExceptionMonitor', uncaught);
  expect(uncaught).not.toHaveBeenCalled();
});
