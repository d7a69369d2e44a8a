// Builds modules of both kinds, each with its types: `dist/esm` and `dist/cjs`.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const here = import.meta.dirname;
const esm = join(here, 'dist/esm');
const cjs = join(here, 'dist/cjs');

const { config } = ts.readConfigFile(join(here, 'tsconfig.json'), (name) => ts.sys.readFile(name));
const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, here);

rmSync(join(here, 'dist'), { recursive: true, force: true });
const program = ts.createProgram(fileNames, {
  ...options,
  module: ts.ModuleKind.ESNext,
  outDir: esm,
  noEmit: false,
  noEmitOnError: true,
  declaration: true,
});
const { diagnostics } = program.emit();
const faults = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
if (faults.length > 0) {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => here,
    getNewLine: () => '\n',
  };
  process.stderr.write(ts.formatDiagnostics(faults, host));
  process.exit(1);
}

// The types say the same; `package.json` in each folder says which kind of module they are of.
cpSync(esm, cjs, { recursive: true, filter: (name) => !name.endsWith('.js') });
for (const fileName of fileNames) {
  const target = join(cjs, relative(join(here, 'src'), fileName).replace(/\.ts$/, '.js'));
  const { outputText } = ts.transpileModule(readFileSync(fileName, 'utf8'), {
    fileName,
    compilerOptions: { ...options, module: ts.ModuleKind.CommonJS },
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, outputText);
}
writeFileSync(join(esm, 'package.json'), '{ "type": "module" }\n');
writeFileSync(join(cjs, 'package.json'), '{ "type": "commonjs" }\n');
