import { defineConfig } from 'oxlint';

/** Rooms that have no business rules of their own and that any room but `common` and `simulator` may use. */
const FOUNDATION = ['common', 'config', 'logging'];
const BELOW_REST = [
  ...FOUNDATION,
  'http',
  'egress',
  'media-store',
  'repositories',
  'ticker',
  'redis',
  'queue',
  'secrets',
  'auth',
  'limits',
  'audit',
  'baileys',
  'routing',
  'history',
  'realtime',
];

/** Who may import whom in `src/`: the table of the architecture. A room that is not named may not be imported. */
const MAY_IMPORT: Record<string, string[]> = {
  common: [],
  config: ['common'],
  logging: ['common', 'config'],
  http: FOUNDATION,
  egress: FOUNDATION,
  supabase: FOUNDATION,
  repositories: [...FOUNDATION, 'supabase'],
  'media-store': [...FOUNDATION, 'repositories'],
  ticker: [...FOUNDATION, 'repositories'],
  secrets: [...FOUNDATION, 'repositories', 'ticker'],
  redis: FOUNDATION,
  queue: [...FOUNDATION, 'redis', 'repositories'],
  auth: [...FOUNDATION, 'http', 'repositories', 'secrets'],
  limits: [...FOUNDATION, 'http', 'redis', 'auth'],
  audit: [...FOUNDATION, 'http', 'repositories', 'auth'],
  baileys: [...FOUNDATION, 'repositories', 'media-store', 'ticker', 'queue', 'secrets'],
  routing: [...FOUNDATION, 'repositories', 'ticker', 'queue', 'secrets'],
  search: [...FOUNDATION, 'repositories', 'ticker'],
  history: [...FOUNDATION, 'egress', 'repositories', 'ticker'],
  realtime: [...FOUNDATION, 'http', 'repositories', 'ticker', 'redis', 'queue', 'auth', 'audit', 'limits'],
  uploads: BELOW_REST,
  'link-previews': BELOW_REST,
  instances: [...BELOW_REST, 'uploads', 'link-previews'],
  contacts: BELOW_REST,
  conversations: [...BELOW_REST, 'supabase', 'contacts', 'messages', 'bookings'],
  messages: BELOW_REST,
  media: [...BELOW_REST, 'secrets'],
  bookings: BELOW_REST,
  calendar: BELOW_REST,
  'organization-settings': BELOW_REST,
  groups: BELOW_REST,
  notes: BELOW_REST,
  webhooks: BELOW_REST,
  organizations: [...BELOW_REST, 'instances'],
  admin: BELOW_REST,
  privacy: [...BELOW_REST, 'contacts'],
  health: [
    ...FOUNDATION,
    'http',
    'auth',
    'repositories',
    'media-store',
    'ticker',
    'queue',
    'secrets',
    'baileys',
    'routing',
  ],
  page: [...FOUNDATION, 'http', 'auth'],
  'sign-in': [...FOUNDATION, 'http', 'auth', 'limits'],
  cli: [...BELOW_REST, 'supabase', 'organizations', 'secrets'],
  simulator: ['common'],
};

/**
 * The layers inside `src/baileys/`, from the top: a folder may import those that stand below its line, types included. The files beside the
 * folders compose them, and none of the folders may import those.
 */
const LAYERS: string[][] = [
  ['cluster'],
  ['session'],
  ['pairing', 'outbound'],
  ['connection'],
  ['signal'],
  ['decoding'],
  ['storage'],
  ['ownership'],
  ['sealing'],
  ['patches', 'settings'],
];

const BAILEYS = ['@whiskeysockets/baileys', '@whiskeysockets/baileys/**', 'libsignal', 'libsignal/**'];
const SPEAKS_TO_WHATSAPP = ['baileys', 'simulator'];
const COMPOSITION = [
  '*.module',
  'app.setup',
  'main',
  'admin-cli',
  'worker',
  'demo',
  'openapi',
  'service',
  'message-worker',
  'compiled-code',
  'run-process',
  'demo/**',
];

interface Pattern {
  group: string[];
  importNames?: string[];
  message: string;
}

const NO_GLOBALS: Pattern = {
  group: ['@nestjs/common'],
  importNames: ['Global'],
  message: 'Each module imports what its providers need; EnvironmentModule alone is global.',
};

function patternsOf(room: string, allowed: string[]): Pattern[] {
  const forbidden = Object.keys(MAY_IMPORT).filter((other) => other !== room && !allowed.includes(other));
  const group = [
    ...forbidden.map((other) => `../**/${other}/**`),
    // From the room itself and from its folders.
    ...COMPOSITION.flatMap((file) => [`../${file}.js`, `../../${file}.js`]),
  ];
  const patterns: Pattern[] = [
    { group, message: `src/${room}/ may not import this; see MAY_IMPORT in oxlint.config.ts.` },
    NO_GLOBALS,
  ];
  if (!SPEAKS_TO_WHATSAPP.includes(room)) {
    patterns.push({ group: BAILEYS, message: 'Only src/baileys/ and src/simulator/ know Baileys.' });
  }
  return patterns;
}

function rulesFor(files: string, patterns: Pattern[]) {
  return { files: [files], rules: { 'no-restricted-imports': ['error', { patterns }] as const } };
}

/** The rules of a folder of `src/baileys/`: those of the room, and nothing that stands above it or beside it. */
function layerRules(layer: string) {
  const level = LAYERS.findIndex((names) => names.includes(layer));
  const forbidden = LAYERS.slice(0, level + 1)
    .flat()
    .filter((other) => other !== layer);
  const group = [...forbidden.map((other) => `../${other}/**`), '../*.js', '../../baileys/**'];
  const message = `src/baileys/${layer}/ may import lower layers only; see LAYERS in oxlint.config.ts.`;
  return rulesFor(`src/baileys/${layer}/**/*.ts`, [
    ...patternsOf('baileys', MAY_IMPORT['baileys'] ?? []),
    { group, message },
  ]);
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'oxc', 'vitest'],
  categories: { correctness: 'error' },
  ignorePatterns: ['**/dist', 'coverage', 'data', 'logs', 'src/supabase/database.types.ts'],
  rules: {
    curly: 'error',
    eqeqeq: 'error',
    'no-console': 'error',
    'no-warning-comments': ['error', { terms: ['fixme', 'xxx'] }],
    'node/no-process-env': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-non-null-assertion': 'off',
    'typescript/ban-ts-comment': 'error',
    'vitest/no-focused-tests': 'error',
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/no-disabled-tests': 'error',
  },
  overrides: [
    ...Object.entries(MAY_IMPORT).map(([room, allowed]) =>
      rulesFor(`src/${room}/**/*.ts`, patternsOf(room, allowed)),
    ),
    ...LAYERS.flat().map(layerRules),
    // A table that one room alone uses has its repository there.
    ...Object.entries(MAY_IMPORT).map(([room, allowed]) =>
      rulesFor(`src/${room}/*.repository.ts`, patternsOf(room, [...allowed, 'supabase', 'repositories'])),
    ),
    // Binds the port `InboxDecoder` to who reads Baileys' messages; nothing else of routing knows.
    rulesFor('src/routing/routing.module.ts', patternsOf('routing', [...MAY_IMPORT['routing']!, 'baileys'])),
    // As well the port `HistoryDecoder`.
    rulesFor('src/history/history.module.ts', patternsOf('history', [...MAY_IMPORT['history']!, 'baileys'])),
    {
      files: ['integrations/**/*.ts'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              { group: ['**/src/**', '**/test/**'], message: 'Integrations use the public API alone.' },
            ],
          },
        ],
      },
    },
    {
      files: ['src/config/**', 'integrations/*/main.ts', 'test/**', 'vitest.config.ts'],
      rules: { 'node/no-process-env': 'off' },
    },
    {
      files: ['src/**/cli.ts', 'src/**/*-cli.ts', 'src/demo.ts', 'src/demo/**'],
      rules: { 'no-console': 'off' },
    },
    // They are run by hand, with what they need in their environment.
    { files: ['docs/**', 'examples/**'], rules: { 'no-console': 'off', 'node/no-process-env': 'off' } },
    {
      // A page: `no-default-export` holds there, too, since views are imported by name.
      files: ['console/src/**'],
      plugins: ['typescript', 'import', 'unicorn', 'promise', 'oxc', 'vitest', 'react', 'jsx-a11y'],
      rules: {
        'react/exhaustive-deps': 'error',
        'react/rules-of-hooks': 'error',
        'react/jsx-key': 'error',
        'react/no-array-index-key': 'error',
        'react/no-danger': 'error',
        'react/jsx-no-target-blank': 'error',
        'react/react-in-jsx-scope': 'off',
        // Live regions are divisions: `output` belongs to forms, and a drawing in SVG is no `img`.
        'jsx-a11y/prefer-tag-over-role': 'off',
        'no-restricted-globals': ['error', 'event', 'name', 'status'],
      },
    },
    {
      // What a person waits for there has to come.
      files: ['test/console/**'],
      rules: { 'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', '**.waitFor'] }] },
    },
    {
      files: ['**/*.config.ts', 'test/support/*.global-setup.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
});
