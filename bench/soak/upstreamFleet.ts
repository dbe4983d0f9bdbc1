import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import type { Mood, UpstreamQuestion, UpstreamReading } from "./soakUpstream";

/** One model server, which keeps its port over its deaths. */
export interface FleetMember {
  /** Base URL, with `/v1`. */
  readonly url: string;
  isWell(): boolean;
  setMood(mood: Mood): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on its port. */
  revive(): Promise<void>;
  /** Calls under way at it. */
  running(): Promise<number>;
}

/** The model servers of a soak. */
export interface UpstreamFleet {
  readonly members: readonly FleetMember[];
  /** Whether all members were well from this moment (`performance.now()`) to now. */
  wellSince(at: number): boolean;
  close(): void;
}

const SERVER = path.join(__dirname, "soakUpstream.js");
/** Another process may have been given the port as the near end of a connection for a moment. */
const MOST_STARTS = 50;

export async function startFleet(size: number): Promise<UpstreamFleet> {
  const members = Array.from({ length: size }, () => new Member());
  await Promise.all(members.map((member) => member.revive()));
  return {
    members,
    wellSince: (at) => members.every((member) => member.isWell() && member.wellAgainAt <= at),
    close: () => members.forEach((member) => member.end()),
  };
}

class Member implements FleetMember {
  wellAgainAt = 0;
  private mood: Mood | "dead" = "dead";
  private child: ChildProcess | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  isWell(): boolean {
    return this.mood === "well";
  }

  async setMood(mood: Mood): Promise<void> {
    // Ill from before it hears of it, well from after.
    if (mood !== "well") this.mood = mood;
    await this.ask({ mood });
    if (mood === "well") this.recovered();
  }

  async kill(): Promise<void> {
    this.mood = "dead";
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async revive(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const child = fork(SERVER, [String(this.port)], { execArgv: [], stdio: ["ignore", "pipe", attempt < MOST_STARTS ? "ignore" : "inherit", "ipc"] });
      this.child = child;
      const line = await Promise.race([once(child.stdout!, "data").then(([data]) => String(data)), once(child, "exit").then(() => undefined)]);
      const port = /:(\d+)\n/.exec(line ?? "")?.[1];
      if (port === undefined) {
        if (attempt === MOST_STARTS) throw new Error(`no model server could be started on port ${this.port}`);
        continue;
      }
      this.port = Number(port);
      this.recovered();
      return;
    }
  }

  async running(): Promise<number> {
    return (await this.ask({})).running;
  }

  end(): void {
    if (this.child?.connected) this.child.disconnect();
  }

  private recovered(): void {
    this.mood = "well";
    this.wellAgainAt = performance.now();
  }

  private async ask(question: UpstreamQuestion): Promise<UpstreamReading> {
    if (!this.child?.connected) throw new Error("a model server has ended by itself");
    this.child.send(question);
    const [reading] = (await once(this.child, "message")) as [UpstreamReading];
    return reading;
  }
}
