import { runProcess } from './run-process.js';

await runProcess(async (config, logs) => {
  const { startWorker } = await import('./start-worker.js');
  return startWorker(config, logs);
});
