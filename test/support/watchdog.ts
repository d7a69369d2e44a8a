import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Waits until the process that started it is gone or lets go, then stops the server and removes its folder: also when
 * the run is killed.
 */
const SCRIPT = `
  cat > /dev/null
  kill -QUIT "$1" 2> /dev/null
  n=0
  while kill -0 "$1" 2> /dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
  rm -rf "$2"`;

/**
 * Keeps a server from outliving this process, and does not keep this process from ending.
 * @param server a running server, in a group of its own
 * @param folder what it leaves behind
 * @param options user and environment to run with, as the server
 * @returns stops the server and removes the folder
 */
export function watchServer(
  server: ChildProcess,
  folder: string,
  options: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv },
): () => Promise<void> {
  const watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'sh', String(server.pid), folder], {
    ...options,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  server.unref();
  watchdog.unref();
  return async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    watchdog.ref();
    watchdog.once('exit', () => resolve());
    watchdog.stdin.end();
    await promise;
  };
}
