import { AppError } from './app-error.js';

/**
 * @param check throws an AppError for what is wrong
 * @returns its sentence; undefined where nothing is wrong
 * @throws whatever else `check` throws
 */
export function faultOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) {
      return error.message;
    }
    throw error;
  }
}
