import { defineConfig } from 'oxlint';

/** Rooms that have no business rules of their own and that any room but `common` and `simulator` may use. */
const FOUNDATION = ['common', 'config', 'logging'];
const BELOW_REST = [
  ...FOUNDATION,
  'http',
  'outside',
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
  'realtime',
];

/** Who may import whom in `src/`: the table of the architecture. A room that is not named may not be imported. */
const MAY_IMPORT: Record<string, string[]> = {
  common: [],
  config: ['common'],
  logging: ['common', 'config'],
  http: FOUNDATION,
  outside: FOUNDATION,
  supabase: FOUNDATION,
  repositories: [...FOUNDATION, 'supabase'],
  ticker: [...FOUNDATION, 'repositories'],
  secrets: [...FOUNDATION, 'repositories', 'ticker'],
  redis: FOUNDATION,
  queue: [...FOUNDATION, 'redis'],
  auth: [...FOUNDATION, 'http', 'repositories'],
  limits: [...FOUNDATION, 'http', 'redis', 'auth'],
  audit: [...FOUNDATION, 'http', 'repositories', 'auth'],
  baileys: [...FOUNDATION, 'repositories', 'ticker', 'queue', 'secrets'],
  routing: [...FOUNDATION, 'repositories', 'ticker', 'queue'],
  realtime: [...FOUNDATION, 'http', 'repositories', 'ticker', 'redis', 'queue', 'auth', 'audit', 'limits'],
  instances: BELOW_REST,
  contacts: BELOW_REST,
  messages: BELOW_REST,
  bookings: BELOW_REST,
  notes: BELOW_REST,
  organizations: [...BELOW_REST, 'instances'],
  admin: BELOW_REST,
  privacy: [...BELOW_REST, 'contacts'],
  health: [...FOUNDATION, 'http', 'auth', 'repositories', 'ticker', 'queue', 'secrets', 'baileys', 'routing'],
  cli: [...BELOW_REST, 'supabase', 'organizations', 'secrets'],
  simulator: ['common'],
};

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
  'run-process',
  'demo/**',
];

function roomRules(room: string, allowed: string[]) {
  const forbidden = Object.keys(MAY_IMPORT).filter((other) => other !== room && !allowed.includes(other));
  const group = [
    ...forbidden.map((other) => `../**/${other}/**`),
    // From the room itself and from its folders.
    ...COMPOSITION.flatMap((file) => [`../${file}.js`, `../../${file}.js`]),
  ];
  const patterns = [
    { group, message: `src/${room}/ may not import this; see the table in oxlint.config.ts.` },
  ];
  if (!SPEAKS_TO_WHATSAPP.includes(room)) {
    patterns.push({ group: BAILEYS, message: 'Only src/baileys/ and src/simulator/ know Baileys.' });
  }
  return {
    files: [`src/${room}/**/*.ts`],
    rules: { 'no-restricted-imports': ['error', { patterns }] as const },
  };
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'oxc', 'vitest'],
  categories: { correctness: 'error' },
  ignorePatterns: ['dist', 'coverage', 'data', 'logs', 'src/supabase/database.types.ts'],
  rules: {
    curly: 'error',
    eqeqeq: 'error',
    'no-console': 'error',
    'no-warning-comments': ['error', { terms: ['fixme', 'xxx'] }],
    'node/no-process-env': 'error',
    'import/no-cycle': 'error',
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
    ...Object.entries(MAY_IMPORT).map(([room, allowed]) => roomRules(room, allowed)),
    { files: ['src/config/**', 'test/**', 'vitest.config.ts'], rules: { 'node/no-process-env': 'off' } },
    {
      files: ['src/**/cli.ts', 'src/**/*-cli.ts', 'src/demo.ts', 'src/demo/**'],
      rules: { 'no-console': 'off' },
    },
    {
      files: ['*.config.ts', 'test/support/*.global-setup.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
  ],
});
