import type { AccessLayer, AccessLayers, AccessSubject, AccessWord, Decision, Reason } from "./accessPolicy";
import type { ConsentState } from "./consent";
import type { Placed } from "./sourcePlace";

export interface DecideAccessOptions {
  readonly consent: ConsentState;
  /** False where S4 frees this path of consent; access itself is decided all the same. */
  readonly consentNeeded: boolean;
  /** The models that the caller's key is narrowed to; undefined: not narrowed (K2). */
  readonly keyModels?: readonly string[];
}

/** A word, and the reason that it came with. */
interface Verdict {
  readonly word: AccessWord;
  readonly reason: Reason;
}

type Asked = "named" | "default";

/** A2: among groups the strictest wins where the model is named, the mildest where only a default speaks. */
const STRICTEST_FIRST: readonly AccessWord[] = ["blacklist", "graylist", "whitelist"];
const MILDEST_FIRST: readonly AccessWord[] = ["whitelist", "graylist", "blacklist"];

function ask(stage: Asked, layer: AccessLayer, model: string, reasons: Reason[]): Verdict | undefined {
  const said: Placed<AccessWord> | undefined =
    stage === "named" ? layer.rules?.models.get(model) : layer.rules?.default;
  const reason: Reason = { stage, layer: layer.name, said: said?.value, at: said?.at ?? layer.at };
  reasons.push(reason);
  return said && { word: said.value, reason };
}

function askGroups(stage: Asked, layers: AccessLayers, model: string, reasons: Reason[]): Verdict | undefined {
  const said = layers.groups.flatMap((group) => ask(stage, group, model, reasons) ?? []);
  for (const word of stage === "named" ? STRICTEST_FIRST : MILDEST_FIRST) {
    const first = said.find((verdict) => verdict.word === word);
    if (first) return first;
  }
  return undefined;
}

function askLayers(stage: Asked, layers: AccessLayers, model: string, reasons: Reason[]): Verdict | undefined {
  const { own, ownersDefault } = layers;
  return (
    (own && ask(stage, own, model, reasons)) ??
    askGroups(stage, layers, model, reasons) ??
    (ownersDefault && !layers.ownEntryIsWhole ? ask(stage, ownersDefault, model, reasons) : undefined)
  );
}

/**
 * A2 and P4: a named client entry without a default denies what it and its groups did not name. It said nothing, and that
 * is what decides, so its reason carries no word.
 */
function shutOut({ own, ownEntryIsWhole }: AccessLayers, reasons: Reason[]): Verdict | undefined {
  if (!ownEntryIsWhole || !own || own.rules?.default) return undefined;
  const reason: Reason = { stage: "default", layer: own.name, at: own.at };
  reasons.push(reason);
  return { word: "blacklist", reason };
}

function askModel(subject: AccessSubject, reasons: Reason[]): Verdict | undefined {
  const said = subject.access;
  const reason: Reason = { stage: "model", layer: "model", said: said?.value, at: said?.at ?? subject.at };
  reasons.push(reason);
  return said && { word: said.value, reason };
}

function askGlobalDefault({ globalDefault }: AccessLayers, reasons: Reason[]): Verdict {
  const reason: Reason = {
    stage: "default",
    layer: "defaults.models",
    said: globalDefault.value,
    at: globalDefault.at,
  };
  reasons.push(reason);
  return { word: globalDefault.value, reason };
}

/** A2's order from the first layer to the last, which always speaks. */
function wordFor(layers: AccessLayers, subject: AccessSubject, reasons: Reason[]): Verdict {
  return (
    askLayers("named", layers, subject.name, reasons) ??
    shutOut(layers, reasons) ??
    askModel(subject, reasons) ??
    askLayers("default", layers, subject.name, reasons) ??
    askGlobalDefault(layers, reasons)
  );
}

/**
 * Decides whether an owner may use a model, and says why: the only function that does either (docs/rules.md A1 to A6, K2,
 * S4). `reasons` holds every layer that was asked, in order; `decidedBy` is the one of them that settled it:
 * what denied, what asked for a consent that is not there, or else what allowed. A key is asked last, and can
 * only narrow.
 */
export function decideAccess(layers: AccessLayers, subject: AccessSubject, options: DecideAccessOptions): Decision {
  const { consent, consentNeeded, keyModels } = options;
  const reasons: Reason[] = [];
  const close = (verdict: Decision["verdict"], decidedBy: Reason, needsConsent = false): Decision => {
    return { verdict, needsConsent, consent, decidedBy, reasons };
  };
  const note = (reason: Reason): Reason => {
    reasons.push(reason);
    return reason;
  };

  if (subject.disabled) {
    return close("disabled", note({ stage: "disabled", layer: "model", said: "disabled", at: subject.at }));
  }
  const { word, reason } = wordFor(layers, subject, reasons);
  if (word === "blacklist") return close("denied", reason);

  if (keyModels) {
    const named = keyModels.includes(subject.name);
    const key = note({ stage: "key", layer: "key", said: named ? "named" : "not named" });
    if (!named) return close("denied", key);
  }
  const ack = subject.needsAck ? note({ stage: "needs_ack", layer: "model", said: "needs_ack", at: subject.at }) : undefined;
  if (word !== "graylist" && !ack) return close("allowed", reason);
  if (!consentNeeded) {
    note({ stage: "consent", layer: "api.consent", said: "not asked" });
    return close("allowed", reason);
  }
  note({ stage: "consent", layer: "consent", said: consent });
  if (consent === "valid") return close("allowed", reason, true);
  return close("consent_required", word === "graylist" ? reason : (ack ?? reason), true);
}
