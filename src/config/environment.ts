import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';
import { withHost } from './database-url.js';
import {
  IsBase64Keys,
  IsHostList,
  IsIssuerList,
  IsOriginList,
  IsPortNumber,
  IsProxyTrust,
  IsUrlOf,
  IsWholeNumber,
} from './environment-rules.js';

const BOOLEAN = ['true', 'false'];
/** Of `ADMIN_API_KEY`, in characters. */
export const MIN_TOKEN_LENGTH = 24;
/** Of `SUPABASE_JWT_SECRET`, in characters. */
export const MIN_JWT_SECRET_LENGTH = 32;
const MAX_RATE = 1_000_000;
/** Fewer than a process takes connections, so that sockets leave some for requests. */
const MAX_SOCKETS = 8_000;
/** That are not answered yet. */
export const MAX_REQUESTS = 2_000;
/** What makes an address with a password unreadable. */
const ESCAPED = ', with # / ? @ : % of a password written as %23 %2F %3F %40 %3A %25';
/** As all stores take it. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const BUCKET_RULE = 'must be 3 to 63 small letters, digits, dots or hyphens';
/** As for a socket of this machine. */
const HAS_HOST = ' and names a host (or, as ?host=/run/postgresql, the folder of a socket)';

/**
 * The environment variables that the service reads, as they come: strings, checked one by one. Rules that concern
 * several of them are in `load-config.ts`. `.env.example` lists them with their meaning.
 */
export class Environment {
  @IsOptional()
  @IsIn(['development', 'production', 'test'])
  NODE_ENV?: 'development' | 'production' | 'test';

  @IsOptional()
  @IsPortNumber()
  PORT?: string;

  @IsOptional()
  @IsString()
  @MinLength(1)
  HOST?: string;

  @IsOptional()
  @IsPortNumber()
  WORKER_HEALTH_PORT?: string;

  @IsOptional()
  @IsString()
  DATA_DIR?: string;

  @IsOptional()
  @IsWholeNumber(0, 600)
  DATA_DIR_WAIT_SECONDS?: string;

  @IsOptional()
  @IsUrlOf(['postgres:', 'postgresql:'], HAS_HOST + ESCAPED, withHost)
  DATABASE_URL?: string;

  @IsOptional()
  @IsWholeNumber(1, 1_000)
  DATABASE_POOL_SIZE?: string;

  /** What of TLS `DATABASE_URL` leaves open, as `psql` takes it. */
  @IsOptional()
  @IsString()
  PGSSLMODE?: string;

  @IsOptional()
  @IsString()
  PGSSLROOTCERT?: string;

  @IsOptional()
  @IsString()
  PGSSLCERT?: string;

  @IsOptional()
  @IsString()
  PGSSLKEY?: string;

  @IsOptional()
  @IsUrlOf(['http:', 'https:'])
  SUPABASE_URL?: string;

  @IsOptional()
  @IsString()
  @MinLength(20)
  SUPABASE_SERVICE_ROLE_KEY?: string;

  /** Another name of `SUPABASE_SERVICE_ROLE_KEY`. */
  @IsOptional()
  @IsString()
  @MinLength(20)
  SUPABASE_SECRET_KEY?: string;

  @IsOptional()
  @IsUrlOf(['http:', 'https:'])
  SUPABASE_JWKS_URL?: string;

  @IsOptional()
  @IsIssuerList()
  SUPABASE_JWT_ISSUER?: string;

  @IsOptional()
  @IsString()
  @MinLength(MIN_JWT_SECRET_LENGTH)
  SUPABASE_JWT_SECRET?: string;

  @IsOptional()
  @IsWholeNumber(0, 3_600)
  START_WAIT_SECONDS?: string;

  /** The key of the project that is for everybody, for signing users in. */
  @IsOptional()
  @IsString()
  @MinLength(20)
  SUPABASE_ANON_KEY?: string;

  @IsOptional()
  @IsIn(['on', 'off'])
  CONSOLE?: 'on' | 'off';

  @IsOptional()
  @IsUrlOf(['redis:', 'rediss:'], ESCAPED)
  REDIS_URL?: string;

  @IsOptional()
  @IsIn(['bullmq', 'embedded'])
  QUEUE_DRIVER?: 'bullmq' | 'embedded';

  @IsOptional()
  @IsIn(BOOLEAN)
  RUN_WORKER?: 'true' | 'false';

  @IsOptional()
  @IsUrlOf(['ws:', 'wss:'])
  WHATSAPP_WS_URL?: string;

  @IsOptional()
  @Matches(/^[0-9a-fA-F]{64}$/, { message: 'must be a public key of 32 bytes in hex' })
  WHATSAPP_ROOT_KEY?: string;

  @IsOptional()
  @IsIn(BOOLEAN)
  WHATSAPP_SIMULATOR?: 'true' | 'false';

  @IsOptional()
  @IsBase64Keys()
  SESSION_ENCRYPTION_KEY?: string;

  /** What was in it is in `SESSION_ENCRYPTION_KEY` by now. */
  @IsOptional()
  @IsString()
  SESSION_ENCRYPTION_KEY_FILE?: string;

  @IsOptional()
  @IsIn(['open', 'required'])
  AUTH_MODE?: 'open' | 'required';

  @IsOptional()
  @IsString()
  @MinLength(MIN_TOKEN_LENGTH)
  @MaxLength(256)
  ADMIN_API_KEY?: string;

  /** What was in it is in `ADMIN_API_KEY` by now. */
  @IsOptional()
  @IsString()
  ADMIN_API_KEY_FILE?: string;

  @IsOptional()
  @IsOriginList()
  CORS_ORIGINS?: string;

  @IsOptional()
  @IsProxyTrust()
  TRUST_PROXY?: string;

  @IsOptional()
  @IsHostList()
  OUTSIDE_URLS_ALLOW?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_KEY?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_ORGANIZATION?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_ADDRESS?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_FAILED_AUTH?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_SIGN_IN?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_RATE)
  RATE_LIMIT_PAIRING?: string;

  @IsOptional()
  @IsWholeNumber(0, 1_000)
  PAIRINGS_PER_ORGANIZATION?: string;

  @IsOptional()
  @IsWholeNumber(0, 10_000)
  CONNECTIONS_PER_ADDRESS?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_SOCKETS)
  SOCKETS_PER_KEY?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_SOCKETS)
  SOCKETS_PER_USER?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_SOCKETS)
  SOCKETS_PER_ORGANIZATION?: string;

  @IsOptional()
  @IsWholeNumber(1, MAX_SOCKETS)
  SOCKETS_PER_PROCESS?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_SOCKETS)
  SOCKETS_RESERVED?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_REQUESTS)
  CONCURRENT_REQUESTS_PER_KEY?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_REQUESTS)
  CONCURRENT_REQUESTS_PER_ORGANIZATION?: string;

  @IsOptional()
  @IsWholeNumber(0, MAX_REQUESTS)
  CONCURRENT_REQUESTS_PER_ADDRESS?: string;

  @IsOptional()
  @IsIn(['local', 's3', 'supabase'])
  MEDIA_STORE?: 'local' | 's3' | 'supabase';

  /** Undefined: Amazon's, for the region. */
  @IsOptional()
  @IsUrlOf(['http:', 'https:'])
  MEDIA_S3_ENDPOINT?: string;

  @IsOptional()
  @Matches(/^[\w-]{1,64}$/, { message: 'must be a region such as eu-central-1' })
  MEDIA_S3_REGION?: string;

  @IsOptional()
  @Matches(BUCKET_NAME, { message: BUCKET_RULE })
  MEDIA_S3_BUCKET?: string;

  @IsOptional()
  @IsString()
  @MaxLength(256)
  MEDIA_S3_ACCESS_KEY_ID?: string;

  @IsOptional()
  @IsString()
  @MaxLength(256)
  MEDIA_S3_SECRET_ACCESS_KEY?: string;

  /** What was in it is in `MEDIA_S3_SECRET_ACCESS_KEY` by now. */
  @IsOptional()
  @IsString()
  MEDIA_S3_SECRET_ACCESS_KEY_FILE?: string;

  @IsOptional()
  @IsIn(BOOLEAN)
  MEDIA_S3_PATH_STYLE?: 'true' | 'false';

  @IsOptional()
  @IsIn(['on', 'ask', 'off'])
  LINK_PREVIEWS?: 'on' | 'ask' | 'off';

  @IsOptional()
  @Matches(BUCKET_NAME, { message: BUCKET_RULE })
  MEDIA_SUPABASE_BUCKET?: string;

  @IsOptional()
  @IsIn(['on', 'off'])
  MEDIA_FETCH?: 'on' | 'off';

  @IsOptional()
  @IsWholeNumber(1, 2_048)
  MEDIA_MAX_MB?: string;

  @IsOptional()
  @IsWholeNumber(0, 100_000_000)
  MEDIA_QUOTA_MB?: string;

  @IsOptional()
  @IsWholeNumber(1, 64)
  MEDIA_DOWNLOADS?: string;

  @IsOptional()
  @IsWholeNumber(5, 7_200)
  MEDIA_DOWNLOAD_SECONDS?: string;

  @IsOptional()
  @IsIn(['one-open', 'every-message', 'off'])
  BOOKING_POLICY?: 'one-open' | 'every-message' | 'off';

  @IsOptional()
  @IsIn(['on', 'off'])
  FAST_RECEIVE?: 'on' | 'off';

  @IsOptional()
  @IsWholeNumber(30, 36_500)
  AUDIT_MIN_DAYS?: string;

  @IsOptional()
  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

  @IsOptional()
  @IsString()
  LOG_FILE?: string;

  @IsOptional()
  @Matches(/^[\w.:-]{1,128}$/, { message: 'must be 1 to 128 letters, digits or . : _ -' })
  NODE_ID?: string;

  @IsOptional()
  @IsWholeNumber(5, 300)
  LEASE_SECONDS?: string;

  @IsOptional()
  @IsWholeNumber(1, 336)
  LOGOUT_HOURS?: string;
}
