import type { ModelStatus } from "../../../core/adapters/upstream/upstreamPool";
import type { Cell, Tone } from "../tables/tableView";

/** How each status of a model looks, wherever one is shown. */
export const STATUS_TONES: Readonly<Record<ModelStatus, Tone>> = { ok: "good", degraded: "warn", down: "bad", disabled: "quiet" };

export function modelStatusCell(status: ModelStatus): Cell {
  return { kind: "badge", text: status, tone: STATUS_TONES[status] };
}
