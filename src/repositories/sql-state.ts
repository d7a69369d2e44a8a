/** Five characters that begin with a class which Postgres has, or with our own. Anybody may write five letters. */
const SQLSTATE =
  /^(?:0[0-3]|0[89]|0[ABFLPZ]|2[0-8]|2[BDF]|3[489]|3[BDF]|4[024]|5[3-578]|72|F0|HV|P0|XX|AZ)[0-9A-Z]{3}$/;

/** @returns whether the code of an answer is one that Postgres gave it */
export function isSqlState(code: string): boolean {
  return SQLSTATE.test(code);
}
