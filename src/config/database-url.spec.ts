import { expect, it } from 'vitest';
import { databaseUrlOf } from './database-url.js';

const URL_TEXT = 'postgres://u:p%40@db.example.com:6543/x';

it.each([
  [{}, undefined],
  [{ DATABASE_URL: URL_TEXT }, URL_TEXT],
  [{ DATABASE_URL: 'nowhere', PGSSLMODE: 'require' }, 'nowhere'],
  [{ DATABASE_URL: URL_TEXT, PGSSLMODE: 'verify-full' }, `${URL_TEXT}?sslmode=verify-full`],
  [{ DATABASE_URL: `${URL_TEXT}?sslmode=require`, PGSSLMODE: 'disable' }, `${URL_TEXT}?sslmode=require`],
  [{ DATABASE_URL: `${URL_TEXT}?ssl=true`, PGSSLMODE: 'disable' }, `${URL_TEXT}?ssl=true`],
  [
    { DATABASE_URL: URL_TEXT, PGSSLROOTCERT: '/ca.pem', PGSSLCERT: '/c.pem', PGSSLKEY: '/c.key' },
    `${URL_TEXT}?sslrootcert=%2Fca.pem&sslcert=%2Fc.pem&sslkey=%2Fc.key`,
  ],
  [
    { DATABASE_URL: 'postgres://app@/auzap?host=/run/postgresql' },
    'postgres://app@localhost/auzap?host=/run/postgresql',
  ],
  [
    { DATABASE_URL: 'postgresql:///auzap?user=app&host=%2Frun%2Fpostgresql' },
    'postgresql://localhost/auzap?user=app&host=%2Frun%2Fpostgresql',
  ],
  [
    { DATABASE_URL: 'postgres://app:p%25w@:5433/auzap?host=/s' },
    'postgres://app:p%25w@localhost:5433/auzap?host=/s',
  ],
  [
    { DATABASE_URL: 'postgresql:///auzap?host=db.example.com&port=6543' },
    'postgresql://db.example.com/auzap?host=db.example.com&port=6543',
  ],
])('makes of %j: %s', (variables, url) => {
  expect(databaseUrlOf(variables)).toBe(url);
});
