import path from "node:path";
import { crc32 } from "node:zlib";
import type { Adapter } from "lowdb";
import { StoreRefused } from "../../errors/storeErrors";
import { encode, revive } from "../shared/codec";
import { readWhole, type FilePort } from "./filePort";

/** One collection as a lowdb file: its rows, and the sequence number up to which it holds everything. */
export interface Checkpoint {
  readonly through: number;
  readonly rows: Iterable<unknown>;
}

const PIECE_CHARACTERS = 64 * 1024;
const FOOTER = /\n\],"crc32":"([0-9a-f]+)"\}\n$/;

export interface CheckpointFile {
  readonly files: FilePort;
  readonly file: string;
  /** Amounts in its rows are revived, unless they hold what people typed. */
  readonly amounts: boolean;
  /** Resolves when the journal is durable past everything that was written. */
  readonly journalDurable: () => Promise<void>;
}

function damaged(file: string, why: string): StoreRefused {
  return new StoreRefused(
    `${file} is damaged (${why}).\nRestore the last backup into an empty folder (\`lumen restore\`), or move all *.json files and ` +
      "rollups/ out of the data folder and start again: they are rebuilt from the journal and the archive.",
  );
}

/**
 * lowdb's extension point, with what its own file adapter lacks: rows are written in pieces between which the event loop
 * turns, the file is synced before it takes the old one's place, and the folder after that. The rows may change while they
 * are written (each remembers its own last change), so the file is put in place only once the journal holds those changes.
 */
export function checkpointAdapter({ files, file, amounts, journalDurable }: CheckpointFile): Adapter<Checkpoint> {
  return {
    read: async () => {
      const bytes = await readWhole(files, file);
      if (!bytes) return null;
      const text = bytes.toString();
      const footer = FOOTER.exec(text.slice(-64));
      if (!footer) throw damaged(file, "its end is missing");
      const body = text.slice(0, text.length - footer[0].length);
      if (crc32(body) !== Number.parseInt(footer[1] ?? "", 16)) throw damaged(file, "its checksum does not fit");
      const parsed = JSON.parse(text) as { through: number; rows: unknown[] };
      if (amounts) for (const row of parsed.rows) revive(row);
      return parsed;
    },
    write: async ({ through, rows }) => {
      const temporary = `${file}.tmp`;
      const out = await files.open(temporary, "create");
      try {
        let checksum = 0;
        let piece = `{"through":${through},"rows":[`;
        let separator = "\n";
        const flush = async (): Promise<void> => {
          checksum = crc32(piece, checksum);
          await out.write(Buffer.from(piece));
          piece = "";
        };
        for (const row of rows) {
          piece += separator + encode(row);
          separator = ",\n";
          if (piece.length >= PIECE_CHARACTERS) await flush();
        }
        await flush();
        await out.write(Buffer.from(`\n],"crc32":"${checksum.toString(16)}"}\n`));
        await out.sync();
      } finally {
        await out.close();
      }
      await journalDurable();
      await files.rename(temporary, file);
      await files.syncFolder(path.dirname(file));
    },
  };
}
