import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** For `--import`: writes the address of every module that the process loads to the file that `RECORDED_MODULES` names. */
const file = process.env['RECORDED_MODULES'];
if (file !== undefined) {
  registerHooks({
    load: (url, context, nextLoad) => {
      appendFileSync(file, `${url}\n`);
      return nextLoad(url, context);
    },
  });
}
