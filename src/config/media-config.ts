import type { Environment } from './environment.js';

const MEGABYTE = 1024 ** 2;

/** Files of messages. */
export interface MediaConfig {
  /** Whether received files are fetched. */
  isFetched: boolean;
  /** Of one file. */
  maxBytes: number;
  /** All files of an organization together; null for as many as there is room for. */
  quotaBytes: number | null;
  /** Files that a process fetches at the same time, and of those the ones of one organization. */
  downloads: number;
  downloadsPerOrganization: number;
  /** How long fetching one file may take, in ms. */
  downloadMs: number;
}

/** @returns what the environment says about files of messages */
export function mediaConfig(env: Environment): MediaConfig {
  const quota = Number(env.MEDIA_QUOTA_MB ?? 10_240);
  const downloads = Number(env.MEDIA_DOWNLOADS ?? 4);
  return {
    isFetched: env.MEDIA_FETCH !== 'off',
    maxBytes: Number(env.MEDIA_MAX_MB ?? 512) * MEGABYTE,
    quotaBytes: quota === 0 ? null : quota * MEGABYTE,
    downloads,
    downloadsPerOrganization: Math.max(Math.ceil(downloads / 2), 1),
    downloadMs: Number(env.MEDIA_DOWNLOAD_SECONDS ?? 600) * 1_000,
  };
}
