/** Why there is no connection that could be used. */
export type ConnectionFaultKind =
  /** What the URL asks for makes no sense, or names a file that is of no use. */
  | 'settings'
  | 'certificate_expired'
  | 'certificate_not_yet_valid'
  | 'certificate_of_another_host'
  | 'certificate_of_unknown_issuer'
  | 'handshake_failed'
  | 'server_without_tls'
  | 'server_demands_tls'
  | 'server_demands_certificate'
  /** A pooler that gives each statement to another connection. */
  | 'pooler_without_transactions';

/** The database can't be used in the way that DATABASE_URL says; the message says what to do. */
export class ConnectionFaultError extends Error {
  constructor(
    readonly kind: ConnectionFaultKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ConnectionFaultError';
  }
}

const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

/**
 * @param error why a connection could not be made or used
 * @returns what it says about TLS or a pooler; undefined where it is about something else
 */
export function connectionFaultOf(error: unknown): ConnectionFaultError | undefined {
  if (!(error instanceof Error) || error instanceof ConnectionFaultError) {
    return error instanceof ConnectionFaultError ? error : undefined;
  }
  const code = 'code' in error ? String(error.code) : '';
  const fault = (kind: ConnectionFaultKind, message: string) =>
    new ConnectionFaultError(kind, message, { cause: error });
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return fault(
        'certificate_expired',
        "The certificate of DATABASE_URL's server has expired: have it renewed, or set the clock of this machine if that is wrong.",
      );
    case 'CERT_NOT_YET_VALID':
      return fault(
        'certificate_not_yet_valid',
        "The certificate of DATABASE_URL's server is not valid yet: set the clock of this machine, or have a new certificate made.",
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fault(
        'certificate_of_another_host',
        `The certificate of DATABASE_URL's server is for ${namesOf(error)}: write one of its names as the host in DATABASE_URL.`,
      );
    case '28000':
      return refusalOf(error, fault);
    default:
      break;
  }
  if (UNKNOWN_ISSUER.has(code)) {
    return fault(
      'certificate_of_unknown_issuer',
      "The certificate of DATABASE_URL's server was issued by nobody whom this machine knows: name the file with its issuer's certificate as sslrootcert.",
    );
  }
  if (error.message === 'The server does not support SSL connections') {
    return fault(
      'server_without_tls',
      "DATABASE_URL's server offers no TLS, and sslmode asks for it: turn it on there, or leave sslmode away where the network is your own.",
    );
  }
  if (/statement pooling/.test(error.message)) {
    return fault(
      'pooler_without_transactions',
      "DATABASE_URL's pooler takes no transactions (pool_mode=statement): set it to transaction or session.",
    );
  }
  return code === 'EPROTO' || code.startsWith('ERR_SSL_')
    ? fault('handshake_failed', `The TLS handshake with DATABASE_URL's server failed: ${error.message}.`)
    : undefined;
}

function namesOf(error: Error & { cert?: { subjectaltname?: string } }): string {
  return error.cert?.subjectaltname ?? 'another host';
}

function refusalOf(
  { message }: Error,
  fault: (kind: ConnectionFaultKind, message: string) => ConnectionFaultError,
): ConnectionFaultError | undefined {
  if (/client certificate/.test(message)) {
    return fault(
      'server_demands_certificate',
      "DATABASE_URL's server wants a certificate of its clients: name its file and the file of its key as sslcert and sslkey.",
    );
  }
  return /no encryption|SSL off/.test(message)
    ? fault(
        'server_demands_tls',
        "DATABASE_URL's server takes this user's connections with TLS alone: add sslmode=verify-full to DATABASE_URL.",
      )
    : undefined;
}
