/** Texts by key, the least recently used leave first. */
export interface TextCache {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** @param most characters that keys and values have together */
export function createTextCache(most: number): TextCache {
  const kept = new Map<string, string>();
  let size = 0;
  return {
    get(key) {
      const value = kept.get(key);
      if (value === undefined) return undefined;
      kept.delete(key);
      kept.set(key, value);
      return value;
    },
    set(key, value) {
      const added = key.length + value.length;
      if (added > most / 4 || kept.has(key)) return;
      kept.set(key, value);
      size += added;
      for (const [oldKey, oldValue] of kept) {
        if (size <= most) break;
        kept.delete(oldKey);
        size -= oldKey.length + oldValue.length;
      }
    },
  };
}
