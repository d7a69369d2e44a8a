import { reuseCompiledCode } from './compiled-code.js';

// Before everything else is imported, which is what takes the time.
reuseCompiledCode();
const { runProcess } = await import('./run-process.js');
const { startService } = await import('./service.js');

await runProcess((config, logs) => startService(config, logs), { answersCalls: true });
