import type { StartFault } from '../common/start-wait.js';

/** An answer of a project, by the client. */
export interface ProjectAnswer {
  data: unknown;
  error: unknown;
  /** 0 when none came. */
  status: number;
}

/** What a project answered instead of what it was asked for. */
export class ProjectAnswerError extends Error {
  constructor(readonly answer: ProjectAnswer) {
    const { code, message } = fieldsOf(answer.error);
    super([`HTTP ${answer.status}`, code, shortened(message)].filter((part) => part !== '').join(' '));
    this.name = 'ProjectAnswerError';
  }
}

const KEY = 'SUPABASE_SERVICE_ROLE_KEY';
const WHERE_KEYS = 'the secret key (sb_secret_…) from Settings → API Keys of the project';
const NOT_THE_ADDRESS =
  "SUPABASE_URL is not the address of a Supabase project's API: give it as Settings → Data API of the project shows it (https://<project ref>.supabase.co), without a path";
const APPLY = 'Apply the migrations of this version with `supabase db push`.';
/** Its records keep `supabase db push` from doing anything. */
const OF_RELEASE_01 =
  'Where release 0.1 was, start this version once with DATABASE_URL at the database of the project instead.';
/** Of PostgREST, and SQLSTATE classes: connections, load, shutting down. */
const PASSING_CODE = /^(PGRST00[0-3]|(08|40|53|55|57|58)[0-9A-Z]{3})$/;
const PAUSED = new Set([402, 540]);
const MAX_WORDS = 200;

/**
 * @param error what asking a project failed with
 * @returns what it means for a start, undefined for what is no answer of a project
 */
export function explainProject(error: unknown): StartFault | undefined {
  if (!(error instanceof ProjectAnswerError)) {
    return undefined;
  }
  const { status } = error.answer;
  const { code, message } = fieldsOf(error.answer.error);
  const said = error.message;
  const final = (sentence: string): StartFault => ({ sentence, passes: false });
  const passing = (sentence: string): StartFault => ({ sentence, passes: true });

  if (status === 0) {
    return passing(
      `The Supabase project at SUPABASE_URL can't be reached (${causeOf(error.answer.error)}): check the address, and the way there from this machine.`,
    );
  }
  if (PAUSED.has(status)) {
    return final(
      `The Supabase project is paused or restricted (${said}): resume it, or look at its quota, in its dashboard.`,
    );
  }
  if (code === 'PGRST303') {
    return passing(
      `The Supabase project refuses its own tokens (${said}): mostly its clocks, and passing; if it stays, the clock of this machine or the key's date is wrong.`,
    );
  }
  if (PASSING_CODE.test(code) || status === 408 || status === 429 || status >= 500) {
    return passing(
      `The Supabase project is in trouble (${said}): see its dashboard and status.supabase.com.`,
    );
  }
  if (code === 'PGRST106') {
    return final(
      'The Supabase project does not expose the schema `public`: add it under Settings → Data API → Exposed schemas.',
    );
  }
  if (code === '42501') {
    return final(
      `${KEY} has no rights to the service's functions (permission denied): it must be ${WHERE_KEYS}, not the publishable or anon key. If it is, the schema is damaged. ${APPLY}`,
    );
  }
  if (code.startsWith('PGRST2') || code === '42883' || code === '42P01') {
    return final(
      `The Supabase project does not have the schema of this service, or that of an older version. ${APPLY} ${OF_RELEASE_01}`,
    );
  }
  if (status === 401) {
    return explainUnauthorized(code, message, said);
  }
  if (isPage(message) || isHtmlData(error.answer)) {
    return final(
      status === 403
        ? `Something before the Supabase project answered with a web page (${said}): a firewall that blocks this machine, or ${NOT_THE_ADDRESS}.`
        : `${NOT_THE_ADDRESS}. It answered with a web page (HTTP ${status}).`,
    );
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    return final(`${NOT_THE_ADDRESS}. It answered ${said}.`);
  }
  if (status >= 200 && status < 300) {
    return passing(`The Supabase project at SUPABASE_URL gave an answer that is none (${said}).`);
  }
  return final(`The Supabase project at SUPABASE_URL does not answer as expected: ${said}.`);
}

function explainUnauthorized(code: string, message: string, said: string): StartFault {
  if (message === '' && code === '') {
    return {
      sentence: `The Supabase project refuses ${KEY} without a word (${said}): if it stays, take ${WHERE_KEYS}.`,
      passes: true,
    };
  }
  const isLegacy = /legacy/i.test(message);
  return {
    sentence: isLegacy
      ? `The Supabase project does not take its legacy keys any more: set ${KEY} to ${WHERE_KEYS}.`
      : `The Supabase project refuses ${KEY} (${said}): set it to ${WHERE_KEYS} at SUPABASE_URL.`,
    passes: false,
  };
}

function fieldsOf(error: unknown): { code: string; message: string; details: string } {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  const textOf = (value: unknown) => (typeof value === 'string' ? value : '');
  const message = textOf(fields['message']) || textOf(fields['error']) || textOf(fields['msg']);
  return { code: textOf(fields['code']), message, details: textOf(fields['details']) };
}

function isPage(message: string): boolean {
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(message);
}

function isHtmlData({ data }: ProjectAnswer): boolean {
  return typeof data === 'string' && isPage(data);
}

function shortened(message: string): string {
  return isPage(message) ? 'a web page' : message.replace(/\s+/g, ' ').trim().slice(0, MAX_WORDS);
}

/** The client hides why a connection failed in a text with a stack. */
function causeOf(error: unknown): string {
  const { message, details } = fieldsOf(error);
  const [, cause, code] = /Caused by: \w+: (.*?)(?: \((\w+)\))?(?:\n|$)/.exec(details) ?? [];
  const [, tls] = /:SSL routines:[^:]*:([^:]+):/.exec(cause ?? '') ?? [];
  return tls === undefined ? shortened(cause || code || message) : `no TLS there: ${tls}`;
}
