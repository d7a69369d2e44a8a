import { reuseCompiledCode } from './compiled-code.js';

// Before everything else is imported, which is what takes the time.
reuseCompiledCode();
const { runProcess } = await import('./run-process.js');
const { startWorker } = await import('./message-worker.js');

await runProcess(startWorker);
