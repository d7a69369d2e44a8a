/** A line of JSON on standard output. Neither texts nor names, numbers or secrets belong into `fields`. */
export function log(
  level: 'INFO' | 'WARN' | 'ERROR',
  msg: string,
  fields: Record<string, unknown> = {},
): void {
  process.stdout.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), component: 'chatwoot', msg, ...fields })}\n`,
  );
}
