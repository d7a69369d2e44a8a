import { runProcess } from './run-process.js';
import { startService } from './service.js';

await runProcess((config, logs) => startService(config, logs), { answersCalls: true });
