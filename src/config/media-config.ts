import type { Environment } from './environment.js';
import { projectUrlOf } from './supabase-address.js';
import { serviceKeyOf } from './supabase-keys.js';

const MEGABYTE = 1024 ** 2;
/** What stores that have no regions are asked under. */
const NO_REGION = 'us-east-1';
const DEFAULT_BUCKET = 'auzap-media';

const NO_PROJECT =
  'SUPABASE_URL must be set, and SUPABASE_SERVICE_ROLE_KEY, for MEDIA_STORE=supabase: it is the storage of that project';

/** Kinds of stores. */
export const MEDIA_STORE_KINDS = ['local', 's3', 'supabase'] as const;
export type MediaStoreKind = (typeof MEDIA_STORE_KINDS)[number];

/** A bucket of a store that speaks S3. */
export interface S3Config {
  /** Undefined: Amazon's, for the region. */
  endpoint: string | undefined;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** The bucket's name is in the path of its addresses, not in their host. */
  isPathStyle: boolean;
}

/** A bucket of a Supabase project. */
export interface SupabaseStorageConfig {
  url: string;
  serviceRoleKey: string;
  bucket: string;
}

/** Files of messages. */
export interface MediaConfig {
  /** Where new files go. */
  store: MediaStoreKind;
  /** Undefined where it is not configured. */
  s3: S3Config | undefined;
  supabase: SupabaseStorageConfig | undefined;
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

/** @returns one sentence for each fault of what the environment says together about files of messages */
export function mediaFaults(env: Environment): string[] {
  const s3 = {
    MEDIA_S3_BUCKET: env.MEDIA_S3_BUCKET,
    MEDIA_S3_ACCESS_KEY_ID: env.MEDIA_S3_ACCESS_KEY_ID,
    MEDIA_S3_SECRET_ACCESS_KEY: env.MEDIA_S3_SECRET_ACCESS_KEY,
  };
  const isS3 = env.MEDIA_STORE === 's3' || Object.values(s3).some((value) => value !== undefined);
  const missing = Object.entries(s3).filter(([, value]) => value === undefined);
  const hasNoProject = env.MEDIA_STORE === 'supabase' && supabaseConfig(env) === undefined;
  return [
    ...missing
      .filter(() => isS3)
      .map(([name]) => `${name} must be set for files in S3, as must ${otherThan(name, s3)}`),
    ...[NO_PROJECT].filter(() => hasNoProject),
  ];
}

function otherThan(name: string, values: object): string {
  return Object.keys(values)
    .filter((other) => other !== name)
    .join(' and ');
}

/** @returns what the environment says about files of messages */
export function mediaConfig(env: Environment): MediaConfig {
  const quota = Number(env.MEDIA_QUOTA_MB ?? 10_240);
  const downloads = Number(env.MEDIA_DOWNLOADS ?? 4);
  return {
    store: env.MEDIA_STORE ?? 'local',
    s3: s3Config(env),
    supabase: supabaseConfig(env),
    isFetched: env.MEDIA_FETCH !== 'off',
    maxBytes: Number(env.MEDIA_MAX_MB ?? 512) * MEGABYTE,
    quotaBytes: quota === 0 ? null : quota * MEGABYTE,
    downloads,
    downloadsPerOrganization: Math.max(Math.ceil(downloads / 2), 1),
    downloadMs: Number(env.MEDIA_DOWNLOAD_SECONDS ?? 600) * 1_000,
  };
}

function s3Config(env: Environment): S3Config | undefined {
  const {
    MEDIA_S3_BUCKET: bucket,
    MEDIA_S3_ACCESS_KEY_ID: accessKeyId,
    MEDIA_S3_SECRET_ACCESS_KEY: secretAccessKey,
  } = env;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) {
    return undefined;
  }
  const endpoint = env.MEDIA_S3_ENDPOINT?.replace(/\/+$/, '');
  return {
    endpoint,
    region: env.MEDIA_S3_REGION ?? NO_REGION,
    bucket,
    accessKeyId,
    secretAccessKey,
    // Amazon alone takes no new buckets by their path; others need a name in the DNS for each bucket otherwise.
    isPathStyle:
      env.MEDIA_S3_PATH_STYLE === undefined ? endpoint !== undefined : env.MEDIA_S3_PATH_STYLE === 'true',
  };
}

function supabaseConfig(env: Environment): SupabaseStorageConfig | undefined {
  const url = projectUrlOf(env);
  const serviceRoleKey = serviceKeyOf(env);
  return url === undefined || serviceRoleKey === undefined
    ? undefined
    : { url, serviceRoleKey, bucket: env.MEDIA_SUPABASE_BUCKET ?? DEFAULT_BUCKET };
}
