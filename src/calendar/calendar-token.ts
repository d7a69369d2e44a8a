import { createHash, randomBytes } from 'node:crypto';

/** That a token is made of. */
export const TOKEN_BYTES = 32;
const FILE = /^(cal_[A-Za-z0-9_-]{43})\.ics$/;

/**
 * @param bytes that nobody can guess
 * @returns a new secret part of a calendar's address
 */
export function drawCalendarToken(bytes: Buffer = randomBytes(TOKEN_BYTES)): string {
  return `cal_${bytes.toString('base64url')}`;
}

/** @returns the path of a calendar: whoever knows it may read */
export function calendarPath(token: string): string {
  return `/calendar/${token}.ics`;
}

/** @returns the token of a path's last part; undefined where it can't be one */
export function tokenOfFile(file: string): string | undefined {
  return FILE.exec(file)?.[1];
}

/** @returns what is kept of a token: it has as many random bits as the hash, so nobody finds it by trying */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
