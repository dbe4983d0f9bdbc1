import type { ReportedUsage } from "../../domain/clampUsage";
import { fieldsOf, listOf, type Fields } from "../../domain/jsonFields";
import type { MediaOperation } from "../../domain/ledgerEntry";
import { TextTally } from "./producedText";
import { readUsage, type AnswerReading } from "./usageReader";

/**
 * The usage of an answer about sound or pictures: tokens, or the length of the recording as `usage.seconds` or, in verbose JSON,
 * as `duration`.
 */
export function readMediaUsage(operation: MediaOperation, json: Fields): ReportedUsage {
  const usage = fieldsOf(json["usage"]);
  const seconds = usage?.["type"] === "duration" ? usage["seconds"] : json["duration"];
  const isRecording = operation === "transcriptions" || operation === "translations";
  return {
    ...readUsage(operation, usage),
    ...(isRecording && seconds !== undefined && seconds !== null ? { audioMs: millisecondsOf(seconds) } : {}),
  };
}

/** Some servers write seconds as a text. What is no number stays as it came, to be cut and said so (docs/rules.md C1). */
function millisecondsOf(seconds: unknown): unknown {
  const value = typeof seconds === "string" && seconds.trim() !== "" ? Number(seconds) : seconds;
  return typeof value === "number" && Number.isFinite(value) ? Math.round(value * 1_000) : seconds;
}

/** Reads a whole answer. @param json its object, where it is one; else it is text as it stands: plain, SRT, VTT */
export function readMediaAnswer(operation: MediaOperation, json: Fields | undefined, bytes: Buffer): AnswerReading {
  const produced = new TextTally();
  if (operation === "images") {
    const images = listOf(json?.["data"]).length;
    return { usage: { ...(json ? readMediaUsage(operation, json) : {}), ...(json ? { images } : {}) }, produced };
  }
  produced.add({ text: json ? json["text"] : bytes.toString("utf8") });
  return { usage: json ? readMediaUsage(operation, json) : {}, produced };
}
