import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { blocksOf } from '../support/doc-snippets.js';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['docs/client.md', 'clients/typescript/README.md'];
/** What the documentation speaks of without making it. */
const GIVEN = `
import { AuzapError, createClient, type AuzapClient, type CursorStore } from '@auzap/client';
declare global {
  const client: AuzapClient;
  const instanceId: string, contactId: string, messageId: string, file: File, cursor: CursorStore;
  function loadToken(): Promise<string>;
}
export { AuzapError, createClient };
`;

it('shows code that the compiler takes, against the built client', async () => {
  const folder = await mkdtemp(join(import.meta.dirname, '.documented-'));
  try {
    const blocks = blocksOf(FILES).filter(({ language }) => language === 'typescript');
    const names = blocks.map((_block, index) => join(folder, `block-${index}.ts`));
    await writeFile(join(folder, 'given.ts'), GIVEN);
    await Promise.all(
      blocks.map(({ text }, index) =>
        writeFile(
          names[index]!,
          text.includes('import ')
            ? text
            : `import { AuzapError } from '@auzap/client';\n${text}\nexport {};`,
        ),
      ),
    );
    const program = ts.createProgram([join(folder, 'given.ts'), ...names], {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: [],
    });
    const faults = ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );

    expect(blocks.length).toBeGreaterThan(6);
    expect(faults.map((fault) => fault.replace(ROOT, ''))).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
