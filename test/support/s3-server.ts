import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { endProcess } from './end-process.js';
import { freePort } from './free-port.js';
import { ensureProgram, type SystemProgram } from './system-package.js';
import { untilLine } from './until-line.js';
import { Watchdog } from './watchdog.js';

const START_TIMEOUT_MS = 120_000;
/** The system's: its packages are for none else. */
const PYTHON = '/usr/bin/python3';
const SWIFT: SystemProgram = {
  command: [PYTHON, '-c', 'import swift.common.middleware.s3api.s3api'],
  debian: 'python3-swift',
  elsewhere: `${PYTHON} -m pip install swift`,
};
const PROGRAM = join(import.meta.dirname, 's3-server.py');
const REGION = 'us-east-1';

/** OpenStack Swift with its S3 interface and one bucket, for one run. */
export class S3Server {
  readonly bucket = 'media';
  private readonly accessKeyId = 'auzap:tests';
  private readonly secretAccessKey = randomBytes(24).toString('hex');
  private child: ChildProcess | undefined;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
  ) {}

  /**
   * Starts one on a free port of 127.0.0.1; installs it where that is possible.
   * @throws Error that says what to install
   */
  static async start(): Promise<S3Server> {
    await ensureProgram(SWIFT);
    const server = new S3Server(await freePort(), await mkdtemp(join(tmpdir(), 'auzap-s3-')));
    await server.resume();
    await server.withClient((client) => client.send(new CreateBucketCommand({ Bucket: server.bucket })));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the service is told about it. */
  get environment(): Record<string, string> {
    return {
      MEDIA_STORE: 's3',
      MEDIA_S3_ENDPOINT: this.url,
      MEDIA_S3_REGION: REGION,
      MEDIA_S3_BUCKET: this.bucket,
      MEDIA_S3_ACCESS_KEY_ID: this.accessKeyId,
      MEDIA_S3_SECRET_ACCESS_KEY: this.secretAccessKey,
    };
  }

  /** @returns the keys of all files in the bucket */
  keys(): Promise<string[]> {
    return this.withClient(async (client) => {
      const { Contents = [], IsTruncated } = await client.send(
        new ListObjectsV2Command({ Bucket: this.bucket }),
      );
      if (IsTruncated) {
        throw new Error('there are more files in the bucket than one list has');
      }
      return Contents.map(({ Key }) => Key!);
    });
  }

  /** Puts all files of a folder there, as `aws s3 sync` does. */
  async sync(folder: string): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    await this.withClient(async (client) => {
      for (const path of paths) {
        const place = { Bucket: this.bucket, Key: relative(folder, path) };
        await client.send(new PutObjectCommand({ ...place, Body: await readFile(path) }));
      }
    });
  }

  /** Ends it as a crash; `resume` starts it again on the same port, with what it had. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child) {
      await endProcess(child, 'SIGKILL');
    }
  }

  /** It keeps its connections and answers nobody, until `thaw`. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async resume(): Promise<void> {
    const args = [PROGRAM, this.folder, String(this.port), this.accessKeyId, this.secretAccessKey];
    const child = spawn(PYTHON, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own: the terminal's Ctrl-C is for the run.
      detached: true,
    });
    this.child = child;
    await untilLine(child, child.stdout, { name: 'Swift', line: 'serving S3', timeoutMs: START_TIMEOUT_MS });
    const watchdog = new Watchdog(child, this.folder, { signal: 'KILL' });
    child.once('exit', () => watchdog.dismiss());
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async withClient<T>(work: (client: S3Client) => Promise<T>): Promise<T> {
    const { accessKeyId, secretAccessKey } = this;
    const client = new S3Client({
      endpoint: this.url,
      region: REGION,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  }
}
