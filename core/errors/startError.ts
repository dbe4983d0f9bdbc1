/** A start that was refused. Each message is one plain line for the person who started it. */
export class StartRefused extends Error {
  override readonly name = "StartRefused";
  constructor(readonly faults: readonly string[]) {
    super(faults.join("\n"));
  }
}
