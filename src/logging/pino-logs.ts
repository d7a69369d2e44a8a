import {
  type DestinationStream,
  type LevelWithSilent,
  type Logger,
  destination,
  multistream,
  pino,
} from 'pino';
import { Logs } from './logs.js';
import { REDACTED_PATHS } from './redaction.js';

export interface LogOptions {
  level: LevelWithSilent;
  /** Absolute path of the log file; its folder is made when missing. */
  file: string;
  /** Write to standard output too; on unless the program shows something else there. */
  stdout?: boolean;
}

/**
 * JSON lines to the log file and to standard output, with level labels in capitals so that `grep ERROR` finds them.
 * Both are written synchronously: a line that was logged survives a crash.
 */
export class PinoLogs extends Logs {
  private readonly file: ReturnType<typeof destination>;
  private readonly root: Logger;
  private readonly reopen = () => this.file.reopen();

  constructor(options: LogOptions) {
    super();
    this.file = destination({ dest: options.file, mkdir: true, sync: true, append: true });
    const streams: { level: 'trace'; stream: DestinationStream }[] = [{ level: 'trace', stream: this.file }];
    if (options.stdout !== false) {
      streams.push({ level: 'trace', stream: destination({ dest: 1, sync: true }) });
    }
    this.root = pino(
      {
        level: options.level,
        base: { pid: process.pid },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label.toUpperCase() }) },
        redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
      },
      multistream(streams),
    );
    // What log rotation sends after it moved the file.
    process.on('SIGHUP', this.reopen);
  }

  component(name: string): Logger {
    return this.root.child({ component: name });
  }

  flush(): void {
    this.file.flushSync();
  }

  /** Lets go of the log file. */
  close(): void {
    process.off('SIGHUP', this.reopen);
    this.file.end();
  }
}
