import { unref, type Ref } from 'vue';

/** Reads what Vue does not know to depend on `source`. */
export function dependingOn<T>(source: Ref<unknown>, read: () => T): T {
  unref(source);
  return read();
}
