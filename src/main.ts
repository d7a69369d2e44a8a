import { runProcess } from './run-process.js';

await runProcess(
  async (config, logs) => {
    const { startService } = await import('./service.js');
    return startService(config, logs);
  },
  { answersCalls: true },
);
