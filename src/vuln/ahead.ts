/**
 * Results in the order of the items, with up to `atOnce` of them being worked on ahead. When the consumer leaves, or one
 * fails, the others are told to stop and waited for.
 */
export async function* ahead<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly item: Item; readonly result: Result }, void, undefined> {
  const leave = new AbortController();
  const either = signal === undefined ? leave.signal : AbortSignal.any([leave.signal, signal]);
  const running: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  const waiting = items.values();
  const start = () => {
    for (const item of waiting.take(1)) {
      const result = work(item, either);
      // A failure is thrown when its turn comes, not before.
      result.catch(() => {});
      running.push({ item, result });
    }
  };
  try {
    for (let count = 0; count < atOnce; count++) start();
    for (let next = running[0]; next !== undefined; next = running[0]) {
      const result = await next.result;
      running.shift();
      start();
      yield { item: next.item, result };
    }
  } finally {
    leave.abort();
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
