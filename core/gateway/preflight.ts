import { z } from "zod";
import type { Fault } from "../config/fault";
import { parseParameters } from "./definePlugin";
import type { GatewayFile, HostFile } from "./hostFiles";
import type { LoadedPlugins } from "./pluginLoading";

/** One policy of a pipeline, with what stands under its name. */
interface Step {
  readonly policy: string;
  readonly index: number;
  readonly action: Readonly<Record<string, unknown>>;
  readonly actionPath: readonly (string | number)[];
  readonly conditional: boolean;
}

/**
 * Holds every pipeline against what its policies demand, before a port is opened: order is safety, because metering after
 * the proxy would be free inference.
 */
export function checkPipelines(file: HostFile<GatewayFile>, plugins: LoadedPlugins): Fault[] {
  const { value } = file;
  if (!value) return [];
  const faults: Fault[] = [];
  const blame = (path: readonly (string | number)[], message: string) => faults.push(file.source.fault(path, message));
  if (!value.http && !value.https) blame([], "nothing listens: add an http section with a port");
  value.policies.forEach((name, index) => {
    if (!isKnown(name, plugins)) blame(["policies", index], `there is no policy '${name}': no plugin in system.config.yml brings it`);
  });
  for (const [name, pipeline] of Object.entries(value.pipelines)) {
    for (const endpoint of [pipeline.apiEndpoints].flat()) {
      if (!value.apiEndpoints[endpoint]) blame(["pipelines", name, "apiEndpoints"], `pipeline '${name}': there is no apiEndpoint '${endpoint}'`);
    }
    pipeline.policies.forEach((entry, index) => {
      const [first, ...others] = Object.keys(entry);
      // The host runs the first and forgets the others without a word.
      if (first === undefined) blame(["pipelines", name, "policies", index], `pipeline '${name}': this entry names no policy`);
      for (const other of others) {
        blame(["pipelines", name, "policies", index, other], `pipeline '${name}': '${other}' is in the same entry as '${first}': begin a new one with '- ${other}:'`);
      }
    });
    const steps = pipeline.policies.flatMap((entry, index) => stepsOf(name, entry, index));
    for (const step of steps) checkStep(name, step, steps, value.policies, plugins, blame);
  }
  return faults;
}

/** Whether every step of every pipeline is a policy of ours, without a condition (conditions of the host read what Express prepares). */
export function usesOwnPoliciesOnly(value: GatewayFile | undefined, { policies }: LoadedPlugins): boolean {
  const steps = Object.entries(value?.pipelines ?? {}).flatMap(([name, pipeline]) => pipeline.policies.flatMap((entry, index) => stepsOf(name, entry, index)));
  return steps.every(({ policy, conditional }) => policies.has(policy) && !conditional);
}

/** Whether any pipeline has a step of this policy. */
export function usesPolicy(value: GatewayFile | undefined, policy: string): boolean {
  return Object.values(value?.pipelines ?? {}).some(({ policies }) => policies.some((entry) => policy in entry));
}

type Blame = (path: readonly (string | number)[], message: string) => void;

function checkStep(
  pipeline: string, step: Step, steps: readonly Step[], declared: readonly string[], plugins: LoadedPlugins, blame: Blame,
): void {
  const at = ["pipelines", pipeline, "policies", step.index, step.policy];
  if (!declared.includes(step.policy)) {
    blame(at, `pipeline '${pipeline}' uses '${step.policy}', which is not listed under policies`);
    return;
  }
  const definition = plugins.policies.get(step.policy);
  if (!definition) {
    checkHostPolicy(pipeline, step, steps, at, blame);
    return;
  }
  for (const required of definition.requires ?? []) {
    const earlier = steps.filter((other) => other.policy === required && other.index < step.index);
    if (earlier.length === 0) blame(at, `pipeline '${pipeline}': '${required}' must stand before '${step.policy}'`);
    else if (earlier.every((other) => other.conditional)) {
      blame(at, `pipeline '${pipeline}': '${required}' has a condition, and '${step.policy}' must never run without it`);
    }
  }
  for (const later of definition.mustPrecede ?? []) {
    if (steps.some((other) => other.policy === later && other.index < step.index)) {
      blame(at, `pipeline '${pipeline}': '${step.policy}' must stand before '${later}'`);
    }
  }
  try {
    parseParameters(definition, step.action);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    for (const issue of error.issues) {
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      for (const key of keys) {
        const where = [...step.actionPath, ...issue.path.map(String), ...(key === undefined ? [] : [key])];
        blame(where, `policy '${step.policy}': ${key === undefined ? `${issue.path.join(".") || "action"}: ${issue.message}` : `unknown parameter '${key}'`}`);
      }
    }
  }
}

/** A body that is changed after it was read and paid for would go upstream unchanged, or unpaid. */
function checkHostPolicy(pipeline: string, step: Step, steps: readonly Step[], at: readonly (string | number)[], blame: Blame): void {
  if (step.policy !== "request-transformer") return;
  if (steps.some((other) => other.policy === "model-access" && other.index < step.index)) {
    blame(at, `pipeline '${pipeline}': 'request-transformer' must stand before 'model-access', which reads the body`);
  }
}

function stepsOf(pipeline: string, entry: Record<string, unknown>, index: number): Step[] {
  return Object.entries(entry).flatMap(([policy, given]) => {
    // An empty list is one step without parameters, as the host reads it.
    const list = Array.isArray(given) && given.length > 0 ? (given as unknown[]) : [given];
    return list.map((one, position) => {
      const { action, condition } = (one ?? {}) as { action?: Record<string, unknown> | null; condition?: { name: string } | null };
      const base = ["pipelines", pipeline, "policies", index, policy, ...(Array.isArray(given) && given.length > 0 ? [position] : [])];
      return { policy, index, action: action ?? {}, actionPath: [...base, "action"], conditional: !!condition && condition.name !== "always" };
    });
  });
}

function isKnown(name: string, { policies, foreign, hostPolicies }: LoadedPlugins): boolean {
  return policies.has(name) || foreign.has(name) || hostPolicies.has(name);
}
