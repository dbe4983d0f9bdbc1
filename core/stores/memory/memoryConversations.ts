import type { ChatFiles, ConversationEvent, Conversations } from "../types";

/** What was said, for as long as the process lives. */
export function memoryConversations(assertUsable: () => void): Conversations {
  const logs = new Map<string, readonly ConversationEvent[]>();
  return {
    append: async (id, events) => {
      assertUsable();
      logs.set(id, [...(logs.get(id) ?? []), ...structuredClone(events)]);
    },
    read: async (id) => {
      assertUsable();
      return logs.get(id) ?? [];
    },
    erase: async (id) => {
      assertUsable();
      logs.delete(id);
    },
  };
}

/** Files, for as long as the process lives. */
export function memoryFiles(assertUsable: () => void): ChatFiles {
  const places = new Map<string, Map<string, Buffer>>();
  const at = (place: string): Map<string, Buffer> => {
    assertUsable();
    let files = places.get(place);
    if (!files) places.set(place, (files = new Map<string, Buffer>()));
    return files;
  };
  return {
    put: async (place, id, bytes) => void at(place).set(id, Buffer.from(bytes)),
    get: async (place, id) => at(place).get(id),
    move: async (id, from, to) => {
      const bytes = at(from).get(id);
      if (!bytes) return false;
      at(from).delete(id);
      at(to).set(id, bytes);
      return true;
    },
    list: async (place) => [...at(place).keys()].sort(),
    erase: async (place, id) => {
      if (id === undefined) at(place).clear();
      else at(place).delete(id);
    },
  };
}
