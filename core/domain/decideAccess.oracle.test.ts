import { expect } from "chai";
import fc from "fast-check";
import type { AccessSubject, AccessWord, Decision } from "./accessPolicy";
import type { ConsentState } from "./consent";
import { decideAccess } from "./decideAccess";
import { accessLayersOf } from "./ownerSettings";
import { client, snapshotOf, user, type LayerText, type SnapshotText } from "./testing/snapshots";

/**
 * The rules of access once more, written from their text and from nothing else: over the file as a person would read it, without
 * layers, stages or reasons. It is slow and plain on purpose; the real function must agree with it everywhere.
 */
interface Question {
  readonly file: SnapshotText;
  readonly kind: "user" | "client";
  readonly claims: Readonly<Record<string, string>>;
  readonly model: AccessSubject;
  readonly consent: ConsentState;
  readonly consentNeeded: boolean;
  readonly keyModels?: readonly string[];
}

const EMAIL = "ann@example.edu";
const NAME = "bot";

/** G1: which groups, said sentence by sentence. */
function groupsByTheRules({ file, kind, claims }: Question): LayerText[] {
  const groups = file.groups ?? {};
  return Object.keys(groups).filter((name) => {
    if (name === "default") return true;
    if (kind === "client") {
      const entry = file.clients?.[NAME];
      return entry ? entry.groups?.includes(name) : file.clients?.["default"]?.groups?.includes(name);
    }
    if (file.users?.["default"]?.groups?.includes(name)) return true;
    if (file.users?.[EMAIL]?.groups?.includes(name)) return true;
    const rules = groups[name]!.rules ?? [];
    return rules.length > 0 && !rules.some((rule) => {
      const claim = claims[rule.field];
      return claim === undefined || !(rule.test === "equals" ? claim === rule.value : claim.includes(rule.value));
    });
  }).map((name) => groups[name]!);
}

function wordByTheRules(question: Question): AccessWord {
  const { file, kind, model } = question;
  const groups = groupsByTheRules(question);
  const section = kind === "user" ? file.users : file.clients;
  const own = section?.[kind === "user" ? EMAIL : NAME];
  const owners = kind === "client" && own ? undefined : section?.["default"];
  const named = (layer?: LayerText): AccessWord | undefined => layer?.access?.models?.[model.name];
  const byDefault = (layer?: LayerText): AccessWord | undefined => layer?.access?.default;

  if (named(own)) return named(own)!;
  const groupNames = groups.map(named);
  if (groupNames.includes("blacklist")) return "blacklist";
  if (groupNames.includes("graylist")) return "graylist";
  if (groupNames.includes("whitelist")) return "whitelist";
  if (named(owners)) return named(owners)!;
  if (kind === "client" && own && !byDefault(own)) return "blacklist";
  if (model.access) return model.access.value;
  if (byDefault(own)) return byDefault(own)!;
  const groupDefaults = groups.map(byDefault);
  if (groupDefaults.includes("whitelist")) return "whitelist";
  if (groupDefaults.includes("graylist")) return "graylist";
  if (groupDefaults.includes("blacklist")) return "blacklist";
  return byDefault(owners) ?? file.defaultAccess ?? "blacklist";
}

function verdictByTheRules(question: Question): Decision["verdict"] {
  const { model, consent, consentNeeded, keyModels } = question;
  if (model.disabled) return "disabled";
  const word = wordByTheRules(question);
  if (word === "blacklist") return "denied";
  if (keyModels && !keyModels.includes(model.name)) return "denied";
  const asks = word === "graylist" || model.needsAck;
  return asks && consentNeeded && consent !== "valid" ? "consent_required" : "allowed";
}

function actual({ file, kind, claims, model, consent, consentNeeded, keyModels }: Question): Decision {
  const owner = kind === "user" ? user(EMAIL, claims) : client(NAME);
  return decideAccess(accessLayersOf(owner, snapshotOf(file)), model, { consent, consentNeeded, keyModels });
}

const MODELS = ["m1", "m2", "m3"];
const GROUP_NAMES = ["default", "g1", "g2", "g3"];
const aWord = fc.constantFrom<AccessWord>("whitelist", "blacklist", "graylist");
/** Every second time nothing, so that every later layer is reached often. */
const perhaps = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
const someModels = fc.dictionary(fc.constantFrom(...MODELS), aWord, { maxKeys: 2 });
const aLayer: fc.Arbitrary<LayerText> = fc.record({
  groups: fc.uniqueArray(fc.constantFrom(...GROUP_NAMES, "missing"), { maxLength: 2 }),
  access: perhaps(fc.record({ default: perhaps(aWord), models: someModels })),
});
const aRule = fc.record({
  field: fc.constantFrom("idp", "affiliation"),
  test: fc.constantFrom("equals" as const, "contains" as const),
  value: fc.constantFrom("x", "xy"),
});
const aGroup = fc.record({ layer: aLayer, rules: fc.array(aRule, { maxLength: 2 }) }).map(({ layer, rules }) => ({ ...layer, groups: undefined, rules }));
/** Each entry is there every second time. */
const entries = <T>(names: readonly string[], value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T>>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] }) as fc.Arbitrary<Record<string, T>>;
const aFile: fc.Arbitrary<SnapshotText> = fc.record({
  groups: entries(GROUP_NAMES, aGroup),
  users: entries(["default", EMAIL], aLayer),
  clients: entries(["default", NAME, "other"], aLayer),
  defaultAccess: perhaps(aWord),
});
const aQuestion: fc.Arbitrary<Question> = fc.record({
  file: aFile,
  kind: fc.constantFrom("user" as const, "client" as const),
  claims: fc.dictionary(fc.constantFrom("idp", "affiliation"), fc.constantFrom("x", "xy", "y")),
  model: fc.record({
    name: fc.constantFrom(...MODELS),
    disabled: fc.nat({ max: 9 }).map((one) => one === 0),
    access: perhaps(aWord.map((value) => ({ value }))),
    needsAck: fc.boolean(),
  }),
  consent: fc.constantFrom<ConsentState>("valid", "none", "outdated", "withdrawn"),
  consentNeeded: fc.boolean(),
  keyModels: perhaps(fc.uniqueArray(fc.constantFrom(...MODELS))),
});

describe("deciding access, against the rules written a second time", () => {
  it("A1, A2, A3, A4, G1, P4, S4, K2: the verdict is the rules' own on 20,000 random files", function () {
    this.timeout(60_000);
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(aQuestion, (question) => {
        const { verdict, decidedBy } = actual(question);
        expect(verdict).to.equal(verdictByTheRules(question));
        const layer = decidedBy.layer.replace(/^groups\..*/, "groups");
        seen.set(`${decidedBy.stage} ${layer}`, (seen.get(`${decidedBy.stage} ${layer}`) ?? 0) + 1);
      }),
      { numRuns: 20_000 },
    );
    const decided = [
      "disabled model", "named users.ann@example.edu", "named clients.bot", "named groups", "named users.default",
      "named clients.default", "model model", "default users.ann@example.edu", "default clients.bot", "default groups",
      "default users.default", "default clients.default", "default defaults.models", "needs_ack model", "key key",
    ];
    expect([...seen.keys()]).to.have.members(decided);
    for (const place of decided) expect(seen.get(place), place).to.be.greaterThan(9);
  });

  it("A6: what decided is one of the reasons, and it said what the verdict follows from", () => {
    fc.assert(
      fc.property(aQuestion, (question) => {
        const { verdict, decidedBy, reasons, needsConsent, consent } = actual(question);
        expect(reasons).to.include(decidedBy);
        if (verdict === "allowed") expect(decidedBy.said).to.be.oneOf(["whitelist", "graylist"]);
        if (verdict === "denied") expect(decidedBy.said).to.be.oneOf(["blacklist", "not named", undefined]);
        if (verdict === "consent_required") {
          expect(decidedBy.said).to.be.oneOf(["graylist", "needs_ack"]);
          expect([needsConsent, consent !== "valid"]).to.deep.equal([true, true]);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it("K2: a key never opens what its owner could not use", () => {
    fc.assert(
      fc.property(aQuestion, (question) => {
        const owners = actual({ ...question, keyModels: undefined }).verdict;
        const keys = actual(question).verdict;
        expect(keys === owners || keys === "denied").to.equal(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
