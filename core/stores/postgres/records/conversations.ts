import { encode, revive } from "../../shared/codec";
import { Turns } from "../../shared/turns";
import type { ChatFiles, ConversationEvent, Conversations } from "../../types";
import type { Queryable } from "../database";
import { isAskable } from "./tables";

/** What was said, a row for each event. */
export function conversationEvents(on: Queryable): Conversations {
  // Connections overtake each other: of one conversation, this process writes one append after the other.
  const turns = new Turns();
  return {
    append: (id, events) => turns.take(id, async () => {
      await on.rows({
        name: "messages.append",
        text: "INSERT INTO messages (conversation_id, event) SELECT $1, event FROM unnest($2::json[]) WITH ORDINALITY AS said (event, place) ORDER BY place",
        values: [id, events.map(encode)],
      });
    }),
    read: async (id) => {
      if (!isAskable(id)) return [];
      const rows = await turns.take(id, () => on.rows<{ event: string }>({ name: "messages.read", text: "SELECT event FROM messages WHERE conversation_id = $1 ORDER BY seq", values: [id] }));
      return rows.map(({ event }) => decodeEvent(event));
    },
    erase: (id) => turns.take(id, async () => {
      await on.rows({ name: "messages.erase", text: "DELETE FROM messages WHERE conversation_id = $1", values: [id] });
    }),
  };
}

/** An event as its table has it. */
export function decodeEvent(json: string): ConversationEvent {
  const event = JSON.parse(json) as ConversationEvent;
  revive(event);
  return event;
}

/** Bytes that go with conversations. */
export function chatFiles(on: Queryable): ChatFiles {
  return {
    put: async (place, id, bytes) => {
      await on.rows({
        name: "files.put",
        text: "INSERT INTO files (place, id, bytes) VALUES ($1, $2, $3) ON CONFLICT (place, id) DO UPDATE SET bytes = excluded.bytes",
        values: [place, id, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)],
      });
    },
    get: async (place, id) => {
      if (!isAskable(place + id)) return undefined;
      const [file] = await on.rows<{ bytes: Buffer }>({ name: "files.get", text: "SELECT bytes FROM files WHERE place = $1 AND id = $2", values: [place, id] });
      return file?.bytes;
    },
    move: async (id, from, to) => {
      const moved = await on.rows({
        name: "files.move",
        text: `WITH taken AS (DELETE FROM files WHERE place = $1 AND id = $2 RETURNING bytes)
          INSERT INTO files (place, id, bytes) SELECT $3, $2, bytes FROM taken
          ON CONFLICT (place, id) DO UPDATE SET bytes = excluded.bytes RETURNING id`,
        values: [from, id, to],
      });
      return moved.length > 0;
    },
    list: async (place) => (await on.rows<{ id: string }>({ name: "files.list", text: "SELECT id FROM files WHERE place = $1 ORDER BY id", values: [place] })).map(({ id }) => id),
    erase: async (place, id) => {
      await on.rows({ name: "files.erase", text: "DELETE FROM files WHERE place = $1 AND ($2::text IS NULL OR id = $2)", values: [place, id ?? null] });
    },
  };
}
