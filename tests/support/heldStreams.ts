import { chatBody } from "./apiCall";
import type { createGate, Handler } from "./fakeUpstream";
import type { LumenProcess } from "./lumenProcess";

/** Streams that stand still in their middle until the gate opens. */
export function heldAt(gate: ReturnType<typeof createGate>): Handler {
  return async (_request, respond) => {
    await respond.stream();
    await respond.delta("one ");
    await gate.opened;
    await respond.delta("two");
    await respond.finish();
    await respond.usage(10, 2);
    await respond.done();
  };
}

/** Begins streams of the model `m`; each has its head when this resolves. */
export async function beginStreams({ url }: LumenProcess, key: string, count: number): Promise<Promise<Response>[]> {
  const streams = Array.from({ length: count }, () =>
    fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(chatBody("m", "x", { stream: true })) }),
  );
  await Promise.all(streams);
  return streams;
}
