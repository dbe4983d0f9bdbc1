import { expect } from "chai";

import { EndpointHealth, type Availability, type EndpointFault } from "./endpointHealth";

/** call / probe / answer = a success; call:x / probe:x = a fault; trial… = of the half-open trial; +n = milliseconds pass. */
function play(steps: string): { health: EndpointHealth; changes: string[]; availability: Availability } {
  let now = 1_000_000;
  const health = new EndpointHealth(() => now);
  const changes: string[] = [];
  for (const step of steps.split(" ").filter((text) => text !== "")) {
    if (step.startsWith("+")) {
      now += Number(step.slice(1));
      continue;
    }
    const [who, what] = step.split(":") as [string, EndpointFault | "gone" | undefined];
    if (who === "trial") health.beginTrial();
    if (who === "answer") {
      if (what) changes.push(health.answerBroke() ?? "");
      else health.answerEnded();
      continue;
    }
    if (what === "gone") health.endTrial();
    else if (who === "begin") health.beginTrial();
    else if (who === "probe") changes.push((what ? health.probeFailed(what) : health.probeSucceeded()) ?? "");
    else changes.push((what ? health.callFailed(what, who === "trial") : health.callSucceeded()) ?? "");
  }
  return { health, changes: changes.filter((change) => change !== ""), availability: health.availability() };
}

const TABLE: [sentence: string, steps: string, Availability, changes?: string[]][] = [
  ["is up from the beginning", "", "up"],
  ["bears two failures in a row", "call:reset call:server_error", "up"],
  ["counts failures in a row only", "call:reset call:reset call call:reset call:reset", "up"],
  ["is doubted after three", "call:reset call:server_error call:headers_timeout", "doubted", ["went_down"]],
  ["is doubted at once when nobody listens", "call:refused", "doubted", ["went_down"]],
  ["says once that it went down", "call:refused call:refused call:refused", "doubted", ["went_down"]],
  ["may be tried after a pause", "call:refused +1000", "trial", ["went_down"]],
  ["is tried by one call at a time", "call:refused +1000 begin", "doubted", ["went_down"]],
  ["is up again when the trial succeeds", "call:refused +1000 trial", "up", ["went_down", "came_up"]],
  ["waits longer after a failed trial", "call:refused +1000 trial:refused +1999", "doubted", ["went_down"]],
  ["is tried again after the longer wait", "call:refused +1000 trial:refused +2000", "trial", ["went_down"]],
  ["is tried again when the caller of the trial left", "call:refused +1000 trial:gone", "trial", ["went_down"]],
  ["does not wait longer for calls that were under way", "call:refused call:reset call:reset +1000", "trial", ["went_down"]],
  ["is up again when a call under way succeeds", "call:refused call", "up", ["went_down", "came_up"]],
  ["bears two failed probes", "probe:headers_timeout probe:server_error", "up"],
  ["is down after three failed probes", "probe:reset probe:reset probe:reset", "down", ["went_down"]],
  ["is down at once when a probe is refused", "probe:refused", "down", ["went_down"]],
  ["is not tried by calls while probes fail", "probe:refused +100000", "down", ["went_down"]],
  ["comes up by a probe", "probe:refused probe", "up", ["went_down", "came_up"]],
  ["counts failed probes in a row only", "probe:reset probe:reset probe probe:reset probe:reset", "up"],
  ["bears slow probes while calls succeed", "probe:headers_timeout probe:headers_timeout call probe:headers_timeout", "up"],
  ["is down when a probe agrees with the calls", "call:refused probe:refused", "down", ["went_down"]],
  ["is up again when a probe gets through where calls could not", "call:refused probe", "up", ["went_down", "came_up"]],
  ["stays doubted when it lists models and fails calls", "call:server_error call:server_error call:server_error probe", "doubted", ["went_down"]],
  ["is doubted after three broken answers, whatever heads came between", "call answer:reset call answer:reset call answer:reset", "doubted", ["went_down"]],
  ["counts broken answers in a row only", "answer:reset answer:reset answer answer:reset answer:reset", "up"],
  ["stays doubted when it lists models and breaks answers", "answer:reset answer:reset answer:reset probe", "doubted", ["went_down"]],
  ["is doubted at the next broken answer after a trial", "answer:reset answer:reset answer:reset +1000 trial answer:reset", "doubted", ["went_down", "came_up", "went_down"]],
  ["does not forget failed calls for a list of models", "call:server_error call:server_error probe call:server_error", "doubted", ["went_down"]],
];

describe("EndpointHealth", () => {
  for (const [sentence, steps, availability, changes = []] of TABLE) {
    it(sentence, () => {
      const played = play(steps);
      expect(played.availability).to.equal(availability);
      expect(played.changes).to.deep.equal(changes);
    });
  }

  const ramp: [steps: string, share: number][] = [
    ["", 1], ["call:refused", 1], ["call:refused probe", 0.1], ["call:refused probe +5000", 0.55], ["call:refused probe +9999", 0.99991],
    ["call:refused probe +10000", 1], ["call:refused +1000 trial +5000", 0.55], ["probe:refused probe +5000 call:refused probe", 0.1],
    ["probe:refused probe +5000 call call", 0.55],
  ];
  for (const [steps, share] of ramp) {
    it(`W72: has ${share} of its weight after: ${steps || "nothing"}`, () => expect(play(steps).health.share(10_000)).to.be.closeTo(share, 1e-9));
  }

  it("W72: has all of its weight at once where nobody wants a slow start", () => expect(play("call:refused probe").health.share(0)).to.equal(1));

  it("waits half a minute at most", () => {
    const failures = "trial:reset +30000 ".repeat(12);
    expect(play(`call:refused +1000 ${failures}`).availability).to.equal("trial");
  });

  it("is suspect from the first failure to the next success", () => {
    expect(["", "call:reset", "call:reset call", "probe:reset", "probe:reset probe"].map((steps) => play(steps).health.suspect)).to.deep.equal(
      [false, true, false, true, false]);
  });
});
