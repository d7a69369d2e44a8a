import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm start` answers, for `npm run dev`. */
const SERVICE = 'http://127.0.0.1:3000';

const WORTH_IT = /\.(js|css|svg|webmanifest)$/;

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the page works under whatever path a proxy shows the service.
  base: './',
  // Sizes are looked at by `test/console/size.spec.ts`.
  logLevel: 'warn',
  plugins: [react(), serviceWorker(), compressedBeside()],
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    // An image in a style sheet would be a `data:` address; each file is one of the service's.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    manifest: true,
    rolldownOptions: {
      output: {
        chunkFileNames: ({ name }) => `assets/${withoutSharers(name)}-[hash].js`,
        assetFileNames: ({ names }) =>
          `assets/${withoutSharers(names[0]!.replace(/\.\w+$/, ''))}-[hash][extname]`,
        codeSplitting: {
          groups: [
            // By name what would be put to where all look for it, and bring with it what only few need.
            { name: 'first', tags: ['$initial'], priority: 4 },
            { name: 'small', test: /lucide-react|console\/src\/ui\/use-/, minShareCount: 2, priority: 3 },
            {
              name: 'form',
              test: /base-ui\/react\/.*field|console\/src\/ui\/(Field|Select|TextArea)/,
              minShareCount: 2,
              priority: 2,
            },
            { name: 'link-number', test: /console\/src\/numbers|uqr/, minShareCount: 2, priority: 1 },
            // What several views share in few files: dozens of small ones take browsers longer to ask for than to read.
            {
              name: 'shared',
              test: /console\/src|lucide-react|base-ui|floating-ui/,
              minShareCount: 2,
              entriesAware: true,
              // In bytes, before compression: more than twice as much puts dialogs and fields into every view's files.
              entriesAwareMergeThreshold: 4_000,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': SERVICE,
      '/health': SERVICE,
      '/socket.io': { target: SERVICE, ws: true },
    },
  },
});

/** @param name of a chunk, which says behind `~` what shares it */
function withoutSharers(name: string): string {
  return name.replace(/~.*/, '');
}

/** Plugin of Vite: writes the service worker, which knows the files that the build consists of; another build is another worker. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    async generateBundle(_options, bundle) {
      const files = Object.keys(bundle).filter((name) => /^assets\/.*\.(js|css)$/.test(name));
      const list = JSON.stringify(files.toSorted());
      const version = createHash('sha256').update(list).digest('hex').slice(0, 12);
      const source = await readFile(join(import.meta.dirname, 'src/service-worker.js'), 'utf8');
      this.emitFile({
        type: 'asset',
        fileName: 'service-worker.js',
        source: source.replaceAll(/__FILES__(?=\.)/g, list).replaceAll('${__VERSION__}', version),
      });
    },
  };
}

/** Plugin of Vite: writes each text also as Brotli and gzip, so that the service compresses nothing while it answers. */
function compressedBeside(): Plugin {
  return {
    name: 'compressed-beside',
    apply: 'build',
    async writeBundle({ dir }) {
      const names = await readdir(dir!, { recursive: true });
      await Promise.all(
        names.filter((name) => WORTH_IT.test(name)).map((name) => compress(join(dir!, name))),
      );
    },
  };
}

async function compress(file: string): Promise<void> {
  const bytes = await readFile(file);
  const brotli = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  await Promise.all([
    promisify(brotliCompress)(bytes, brotli).then((small) => writeFile(`${file}.br`, small)),
    promisify(gzip)(bytes, { level: 9 }).then((small) => writeFile(`${file}.gz`, small)),
  ]);
}
