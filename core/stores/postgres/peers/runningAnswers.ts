import type { ChatMessage } from "../../../domain/chatMessage";
import type { RunningAnswers, WantedOfAnswer } from "../../types";
import { encode } from "../../shared/codec";
import type { Queryable } from "../database";
import { compare } from "./oneAtATime";

const TELL = `
INSERT INTO running_answers AS r (id, owner_id, message, told_at)
SELECT id, owner_id, message, now() FROM unnest($1::text[], $2::text[], $3::json[]) AS told (id, owner_id, message)
ON CONFLICT (id) DO UPDATE SET told_at = now(), message = coalesce(excluded.message, r.message)
RETURNING id, coalesce(read_until > now(), false) AS "isRead", stopped AS "isStopped"`;

/** In the order of those who tell, so that no two wait for each other in a circle. */
const READ = `
UPDATE running_answers SET read_until = now() + interval '10 seconds'
WHERE id IN (SELECT id FROM running_answers WHERE id = ANY ($1::text[]) AND told_at > now() - interval '10 seconds' ORDER BY id FOR UPDATE)
RETURNING id, message`;

/** Those of processes that are no more. What somebody writes just now is left for the next time. */
const FORGET = "DELETE FROM running_answers WHERE id IN (SELECT id FROM running_answers WHERE told_at < now() - interval '1 minute' FOR UPDATE SKIP LOCKED)";

export interface OpenedRunningAnswers extends RunningAnswers {
  forget(): Promise<void>;
}

export function openRunningAnswers(database: Queryable): OpenedRunningAnswers {
  return {
    tell(answers) {
      const sorted = [...answers].sort((a, b) => compare(a.id, b.id));
      const messages = sorted.map(({ message }) => (message ? encode(message) : null));
      return database.rows<WantedOfAnswer>({ name: "tell-answers", text: TELL, values: [sorted.map(({ id }) => id), sorted.map(({ ownerId }) => ownerId), messages] });
    },
    async end(id) {
      await database.rows({ text: "DELETE FROM running_answers WHERE id = $1", values: [id] });
    },
    async read(ids) {
      const rows = await database.rows<{ id: string; message: string | null }>({ name: "read-answers", text: READ, values: [ids] });
      // An answer that runs has no amounts yet.
      return new Map(rows.flatMap(({ id, message }) => (message === null ? [] : [[id, JSON.parse(message) as ChatMessage] as const])));
    },
    async stop(ownerId, id) {
      const rows = await database.rows({ text: "UPDATE running_answers SET stopped = true WHERE id = $1 AND owner_id = $2 RETURNING id", values: [id, ownerId] });
      return rows.length > 0;
    },
    async forget() {
      await database.rows(FORGET);
    },
  };
}
