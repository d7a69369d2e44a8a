/** The configuration can't be used. Its message lists every fault and is meant to be printed as it is. */
export class ConfigError extends Error {
  /** @param faults one sentence for each, beginning with the variable's name */
  constructor(readonly faults: readonly string[]) {
    super(['The configuration can not be used:', ...faults.map((fault) => `  - ${fault}`)].join('\n'));
    this.name = 'ConfigError';
  }
}
