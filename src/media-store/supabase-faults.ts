import { AppError } from '../common/app-error.js';
import { messageOf } from '../common/error-message.js';
import type { SupabaseStorageConfig } from '../config/media-config.js';
import { MediaStoreFault } from './media-store-fault.js';

/** What Supabase Storage says where it refuses; the status of HTTP is 400 for most of it. */
interface Refusal {
  statusCode?: string;
  error?: string;
  message?: string;
}

/** An answer that is no success. */
export class StorageAnswerError extends Error {
  /** Undefined where somebody else answered, as a gateway. */
  readonly refusal: Refusal | undefined;

  constructor(
    readonly httpStatus: number,
    text: string,
  ) {
    const refusal = refusalIn(text);
    super(refusal?.message ?? `an answer ${httpStatus} that is not one of Supabase Storage`);
    this.name = 'StorageAnswerError';
    this.refusal = refusal;
  }

  /** The one that it means. */
  get status(): number {
    return Number(this.refusal?.statusCode ?? this.httpStatus);
  }
}

/** @returns whether the bucket is there, and has no such file */
export function isMissingObject(error: unknown): boolean {
  return isRefusal(error) && error.status === 404 && !isMissingBucket(error);
}

export function isMissingBucket(error: unknown): boolean {
  return isRefusal(error) && error.status === 404 && error.refusal?.message === 'Bucket not found';
}

/** @returns whether what was to be made is there already */
export function isDuplicate(error: unknown): boolean {
  return isRefusal(error) && error.status === 409;
}

/** @returns what a failed call means, and what to do about it */
export function storageFault(error: unknown, { url, bucket }: SupabaseStorageConfig): AppError {
  if (error instanceof AppError) {
    return error;
  }
  const at = `Supabase Storage at ${url}`;
  if (!(error instanceof StorageAnswerError)) {
    const sentence = `${at} can not be reached (${messageOf(error)}): look at SUPABASE_URL, and at the network.`;
    return new MediaStoreFault({ sentence, passes: true }, error);
  }
  if (error.status === 413) {
    return new AppError('media_too_large', {
      message:
        'The store takes no file of this size: raise the limit of the project (Storage → Settings), and of the bucket.',
      cause: error,
    });
  }
  if (isMissingBucket(error)) {
    const sentence = `There is no bucket ${bucket} in ${at} any more: a start of the service makes it, private.`;
    return new MediaStoreFault({ sentence, passes: false }, error);
  }
  if (error.status === 401 || error.status === 403) {
    const sentence = `${at} refuses SUPABASE_SERVICE_ROLE_KEY (${messageOf(error)}): set the project's secret key, or that of the service role.`;
    return new MediaStoreFault({ sentence, passes: false }, error);
  }
  const sentence = `${at} answered ${error.status} (${messageOf(error)}): look whether the project is paused, and has its Storage switched on.`;
  return new MediaStoreFault({ sentence, passes: error.status >= 500 || error.status === 429 }, error);
}

function isRefusal(error: unknown): error is StorageAnswerError {
  return error instanceof StorageAnswerError && error.refusal !== undefined;
}

function refusalIn(text: string): Refusal | undefined {
  try {
    const value = JSON.parse(text) as Refusal | null;
    return typeof value === 'object' && value !== null && 'message' in value ? value : undefined;
  } catch {
    return undefined;
  }
}
