/** Asks again until the answer fits, where there is no event to wait for. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  fits: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const value = await ask();
    if (fits(value)) {
      return value;
    }
    expectThat(Date.now() < deadline, `waited 15 s, last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @throws Error which says what is otherwise than it should be */
export function expectThat(isTrue: boolean, otherwise: string): asserts isTrue {
  if (!isTrue) {
    throw new Error(otherwise);
  }
}
