import { isMedia, mediaCallOf, type MediaCall } from "../domain/mediaUsage";
import type { MediaOperation } from "../domain/ledgerEntry";
import type { CallToMeter, MeterDeps } from "./meterCall";

/**
 * What a call about sound or pictures asks for; undefined for any other call. A recording is measured here, before its coins are set
 * aside, from a few bytes of its file.
 */
export function readMediaCall(deps: Pick<MeterDeps, "measureAudio">, call: CallToMeter): Promise<MediaCall> | undefined {
  return isMedia(call.operation) ? readCall(deps, call, call.operation) : undefined;
}

async function readCall(deps: Pick<MeterDeps, "measureAudio">, { body }: CallToMeter, operation: MediaOperation): Promise<MediaCall> {
  const recording = operation === "images" ? undefined : body.files.find(({ name }) => name === "file");
  // What cannot be read is no recording that anybody could measure: its bytes are what is known of it.
  const measuredMs = recording && (await deps.measureAudio(recording).catch(() => undefined));
  return mediaCallOf(operation, body.json, body.textBytes, {
    count: body.files.length,
    recordingBytes: recording?.byteLength ?? 0,
    ...(measuredMs === undefined ? {} : { measuredMs }),
  });
}
