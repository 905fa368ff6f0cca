/**
 * Remembers objects by key for as long as somebody else refers to them: whoever holds one gets the same one again, and
 * nothing has to be thrown away by hand.
 */
export interface WeakMemo<V extends object> {
  /** The object of this key, made by `create` unless it is alive. */
  get(key: string, create: () => V): V;
  /** Those alive. */
  values(): V[];
}

/** Makes an empty {@link WeakMemo}. */
export function createWeakMemo<V extends object>(): WeakMemo<V> {
  const memo = new Map<string, WeakRef<V>>();
  const forget = new FinalizationRegistry<string>((key) => {
    // The key may have got a new object in the meantime.
    if (memo.get(key)?.deref() === undefined) memo.delete(key);
  });
  return {
    get(key, create) {
      const known = memo.get(key)?.deref();
      if (known !== undefined) return known;
      const made = create();
      memo.set(key, new WeakRef(made));
      forget.register(made, key);
      return made;
    },
    values() {
      return [...memo.values()].flatMap((ref) => ref.deref() ?? []);
    },
  };
}
