import { hash } from "node:crypto";
import type { Clock } from "../../clock";
import { pictureType } from "./pictureType";

export interface Picture {
  /** `image/png`: by what is in it, not by what its sender says. */
  readonly type: string;
  readonly body: Buffer;
}

/** Pictures of people by their e-mail address, fetched by us: browsers ask nobody else. */
export interface Avatars {
  /** Undefined where there is none, or none can be had now. Never throws. */
  find(email: string): Promise<Picture | undefined>;
}

export interface AvatarsOptions {
  /** `https://gravatar.com/avatar`; "": ask nobody. */
  readonly baseUrl: string;
  readonly clock: Clock;
}

interface Kept {
  readonly picture: Picture | undefined;
  readonly until: number;
}

const TIMEOUT_MS = 3_000;
const LARGEST = 1_048_576;
const SIZE = 160;
/** As many as are kept in memory, and as many bytes; the oldest leave first. */
const MOST_KEPT = 2_000;
const MOST_BYTES = 16 * 1_048_576;
const MOST_AT_ONCE = 8;
const HOUR_MS = 3_600_000;
/** How long an answer counts: a picture, "there is none", "cannot be reached". */
const KEEP_MS = { found: 24 * HOUR_MS, none: HOUR_MS, failed: 300_000 } as const;

export function openAvatars({ baseUrl, clock }: AvatarsOptions): Avatars {
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<Picture | undefined>>();
  let bytes = 0;

  const drop = (id: string): void => {
    bytes -= kept.get(id)?.picture?.body.length ?? 0;
    kept.delete(id);
  };
  const keep = (id: string, picture: Picture | undefined, forMs: number): void => {
    drop(id);
    kept.set(id, { picture, until: clock() + forMs });
    bytes += picture?.body.length ?? 0;
    for (const oldest of kept.keys()) {
      if (kept.size <= MOST_KEPT && bytes <= MOST_BYTES) break;
      drop(oldest);
    }
  };
  const load = async (id: string): Promise<Picture | undefined> => {
    try {
      const picture = await fetchPicture(`${baseUrl}/${id}?s=${SIZE}&d=404`);
      keep(id, picture, picture ? KEEP_MS.found : KEEP_MS.none);
      return picture;
    } catch {
      keep(id, undefined, KEEP_MS.failed);
      return undefined;
    } finally {
      running.delete(id);
    }
  };
  return {
    async find(email) {
      if (baseUrl === "") return undefined;
      const id = hash("sha256", email.trim().toLowerCase(), "hex");
      const known = kept.get(id);
      if (known && known.until > clock()) return known.picture;
      const under = running.get(id);
      if (under) return under;
      if (running.size >= MOST_AT_ONCE) return undefined;
      const work = load(id);
      running.set(id, work);
      return work;
    },
  };
}

/** @returns undefined where there is none, or none that is a picture @throws what kept it from being fetched */
async function fetchPicture(url: string): Promise<Picture | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error", headers: { accept: "image/*" } });
  if (answer.status !== 200 || !answer.body) {
    await answer.body?.cancel();
    if (answer.status >= 500) throw new Error(`answered with ${answer.status}`);
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = answer.body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.length;
    if (size > LARGEST) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(read.value);
  }
  const body = Buffer.concat(chunks);
  const type = pictureType(body);
  return type === undefined ? undefined : { type, body };
}
