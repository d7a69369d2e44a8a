import { type DestinationStream, type LevelWithSilent, type Logger, multistream, pino } from 'pino';
import type { Drop } from './drops.js';
import { LogFile } from './log-file.js';
import { type LogHealth, Logs } from './logs.js';
import { REDACTED_PATHS } from './redaction.js';
import { StandardOutput } from './standard-output.js';

export interface LogOptions {
  level: LevelWithSilent;
  /** Absolute path of the log file, which is made with its folder where missing; undefined for none. */
  file: string | undefined;
  /** Write to standard output too; on unless the program shows something else there. */
  stdout?: boolean;
}

/** The process that closed it does not want the lines. */
const CLOSED = 'EPIPE';

/**
 * JSON lines to the log file, where there is one, and to standard output, with level labels in capitals so that `grep ERROR` finds them. A line
 * is written at once, so that it survives a crash, or dropped where a place can't take it: logs never hold up the process
 * nor end it.
 */
export class PinoLogs extends Logs {
  private readonly file: LogFile | undefined;
  private readonly stdout: StandardOutput | undefined;
  private readonly root: Logger;
  private readonly reopen = () => this.file?.reopen();

  constructor(options: LogOptions) {
    super();
    const listener = {
      onDropping: (drop: Readonly<Drop>) => this.tellElsewhere(drop),
      noticeOf: (drop: Readonly<Drop>) => lineAbout(drop, 'log lines were dropped'),
    };
    this.file = options.file === undefined ? undefined : new LogFile(options.file, listener);
    this.stdout = options.stdout === false ? undefined : new StandardOutput(listener);
    const places: DestinationStream[] = [this.file, this.stdout].filter((place) => place !== undefined);
    this.root = pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label.toUpperCase() }) },
        redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      },
      multistream(places.map((stream) => ({ level: 'trace', stream }))),
    );
    // What log rotation sends after it moved the file; a process that does not listen ends by it.
    process.on('SIGHUP', this.reopen);
  }

  component(name: string): Logger {
    return this.root.child({ component: name });
  }

  override health(): LogHealth {
    const places = [this.file, this.stdout].flatMap((place) => place?.drops ?? []);
    const current = places.flatMap((drops) => drops.current ?? []).find(({ reason }) => reason !== CLOSED);
    return { dropped: places.reduce((sum, { total }) => sum + total, 0), current };
  }

  flush(): void {
    this.stdout?.flush();
  }

  /** Lets go of the log file. */
  close(): void {
    process.off('SIGHUP', this.reopen);
    this.file?.close();
  }

  private tellElsewhere(drop: Readonly<Drop>): void {
    const line = lineAbout(drop, 'log lines are dropped from now on');
    if (drop.place === 'stdout') {
      this.file?.write(line);
    } else {
      this.stdout?.write(line);
    }
  }
}

function lineAbout({ place, dropped, since, reason }: Readonly<Drop>, msg: string): string {
  const time = new Date().toISOString();
  const fields = {
    level: 'ERROR',
    time,
    pid: process.pid,
    component: 'logs',
    place,
    reason,
    dropped,
    since,
    msg,
  };
  return `${JSON.stringify(fields)}\n`;
}
