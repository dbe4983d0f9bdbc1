/** A person of the demonstration, invented. */
export interface DemoPerson {
  readonly name: string;
  /** What their sign-in would say of them. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Calls on a working day: over the API, and in the chat. */
  readonly api: number;
  readonly chat: number;
  /** What they use, and how often one among the others. */
  readonly models: readonly (readonly [string, number])[];
  readonly keys: readonly DemoKey[];
  readonly consents?: readonly string[];
  /** Days ago that they first signed in. */
  readonly since: number;
  readonly inactive?: true;
}

export interface DemoKey {
  readonly name: string;
  readonly revokedDaysAgo?: number;
  /** Days from today; below 0 is past. */
  readonly expiresInDays?: number;
  readonly capCoins?: bigint;
  readonly models?: readonly string[];
}

export interface DemoClient {
  readonly name: string;
  /** First parts of addresses. */
  readonly managers: readonly string[];
  /** Calls a day. */
  readonly calls: number;
  /** When it works: at all hours, by night, or while people do. */
  readonly rhythm: "always" | "nightly" | "office";
  readonly models: readonly (readonly [string, number])[];
  readonly keys: readonly DemoKey[];
  readonly consents?: readonly string[];
  readonly since: number;
  /** Median tokens of input. */
  readonly input: number;
  readonly inactive?: true;
}

export const DOMAIN = "northlake.example";

const STAFF = { affiliation: [`staff@${DOMAIN}`, `member@${DOMAIN}`] };
const STUDENT = { affiliation: [`student@${DOMAIN}`, `member@${DOMAIN}`] };
const BIO = { ...STAFF, is_member_of: ["bio-lab", "research"] };

const GENERAL = [["llama3-70b", 6], ["phi-4-mini", 2], ["qwen2.5-coder", 1]] as const;
const CODING = [["qwen2.5-coder", 7], ["llama3-70b", 2], ["deepseek-r1-32b", 2]] as const;
const SCIENCE = [["llama3-70b", 4], ["deepseek-r1-32b", 3], ["gpt-4o", 2]] as const;
const STUDYING = [["llama3-70b", 5], ["phi-4-mini", 4], ["qwen2.5-coder", 2]] as const;
const LAPTOP: readonly DemoKey[] = [{ name: "laptop" }];

export const PEOPLE: readonly DemoPerson[] = [
  { name: "Ada Lindqvist", claims: STAFF, api: 3, chat: 6, models: GENERAL, since: 118, consents: ["gpt-4o"], keys: [{ name: "monitoring script" }, { name: "trial in spring", revokedDaysAgo: 60 }] },
  {
    name: "Marisol Ortega", claims: BIO, api: 14, chat: 9, models: SCIENCE, since: 110, consents: ["gpt-4o"],
    keys: [{ name: "notebook" }, { name: "cluster jobs", capCoins: 12n }, { name: "workshop in June", expiresInDays: -40 }, { name: "old laptop", revokedDaysAgo: 25 }],
  },
  { name: "Tomasz Wieczorek", claims: BIO, api: 9, chat: 4, models: SCIENCE, since: 104, consents: ["gpt-4o"], keys: [{ name: "alignment pipeline", expiresInDays: 45 }, { name: "laptop" }] },
  { name: "Priya Raghunathan", claims: BIO, api: 6, chat: 7, models: GENERAL, since: 96, keys: LAPTOP },
  { name: "Henrik Aalto", claims: STAFF, api: 18, chat: 2, models: CODING, since: 112, keys: [{ name: "editor" }, { name: "ci", models: ["qwen2.5-coder"], expiresInDays: 9 }, { name: "before the move", revokedDaysAgo: 51 }] },
  { name: "Grace Okonkwo", claims: STAFF, api: 7, chat: 8, models: CODING, since: 101, keys: [{ name: "editor" }] },
  { name: "Dmitri Vasiliev", claims: STAFF, api: 2, chat: 9, models: GENERAL, since: 89, keys: LAPTOP },
  { name: "Hannah Blum", claims: STAFF, api: 0, chat: 11, models: GENERAL, since: 92, consents: ["gpt-4o"], keys: [] },
  { name: "Luis Ferreira", claims: STAFF, api: 4, chat: 3, models: SCIENCE, since: 80, keys: [{ name: "jupyter" }] },
  { name: "Yuki Tanabe", claims: STAFF, api: 5, chat: 5, models: CODING, since: 75, keys: LAPTOP },
  { name: "Samuel Mbeki", claims: STAFF, api: 0, chat: 6, models: GENERAL, since: 70, keys: [] },
  { name: "Ingrid Solheim", claims: STAFF, api: 1, chat: 7, models: GENERAL, since: 64, keys: [{ name: "spreadsheet" }] },
  { name: "Rafael Costa", claims: STAFF, api: 8, chat: 1, models: CODING, since: 58, keys: [{ name: "editor" }, { name: "bot", capCoins: 1n }] },
  { name: "Noor Haddad", claims: STUDENT, api: 3, chat: 12, models: STUDYING, since: 86, keys: [{ name: "thesis" }] },
  { name: "Ben Carlisle", claims: STUDENT, api: 6, chat: 9, models: STUDYING, since: 84, keys: [{ name: "homework" }, { name: "hackathon", expiresInDays: -20 }] },
  { name: "Mei Zhang", claims: STUDENT, api: 9, chat: 6, models: STUDYING, since: 83, keys: LAPTOP },
  { name: "Olivia Drummond", claims: STUDENT, api: 0, chat: 8, models: STUDYING, since: 77, keys: [] },
  { name: "Karim Benali", claims: STUDENT, api: 2, chat: 7, models: STUDYING, since: 61, keys: LAPTOP },
  { name: "Sofia Petrov", claims: STUDENT, api: 0, chat: 5, models: STUDYING, since: 49, keys: [] },
  { name: "Jonas Richter", claims: STUDENT, api: 4, chat: 3, models: STUDYING, since: 44, keys: [{ name: "robot arm" }] },
  { name: "Amara Diallo", claims: STUDENT, api: 0, chat: 6, models: STUDYING, since: 33, keys: [] },
  { name: "Wei Lin", claims: STUDENT, api: 1, chat: 4, models: STUDYING, since: 20, keys: LAPTOP },
  { name: "Clara Novak", claims: STUDENT, api: 0, chat: 2, models: STUDYING, since: 8, keys: [] },
  { name: "Edgar Whitfield", claims: STAFF, api: 0, chat: 0, models: GENERAL, since: 116, keys: [{ name: "retired", revokedDaysAgo: 70 }], inactive: true },
  { name: "Nina Fischer", claims: { affiliation: [`affiliate@${DOMAIN}`] }, api: 0, chat: 1, models: [["phi-4-mini", 1]], since: 15, keys: [] },
];

const SERVICE = [["llama3-70b", 1]] as const;

export const CLIENTS: readonly DemoClient[] = [
  {
    name: "genome-annotator", managers: ["marisol.ortega", "tomasz.wieczorek"], calls: 42, rhythm: "nightly", input: 9_000, since: 108, consents: ["gpt-4o"],
    models: [["llama3-70b", 5], ["deepseek-r1-32b", 2], ["gpt-4o", 1]],
    keys: [{ name: "cluster" }, { name: "staging", capCoins: 5n }, { name: "cluster, first", revokedDaysAgo: 44 }],
  },
  { name: "library-search", managers: ["hannah.blum"], calls: 60, rhythm: "always", input: 700, since: 105, models: [["bge-m3", 5], ["llama3-70b", 1]], keys: [{ name: "catalogue" }, { name: "reindexing", expiresInDays: 120 }] },
  { name: "helpdesk-triage", managers: ["dmitri.vasiliev", "ingrid.solheim"], calls: 24, rhythm: "office", input: 1_400, since: 97, models: SERVICE, keys: [{ name: "production" }, { name: "test" }] },
  { name: "course-assistant", managers: ["grace.okonkwo"], calls: 30, rhythm: "office", input: 2_600, since: 90, models: SERVICE, keys: [{ name: "moodle" }, { name: "last term", revokedDaysAgo: 62 }] },
  { name: "lecture-captions", managers: ["samuel.mbeki"], calls: 6, rhythm: "office", input: 5_200, since: 85, models: SERVICE, keys: [{ name: "recorder" }] },
  { name: "paper-digest", managers: ["luis.ferreira", "marisol.ortega"], calls: 8, rhythm: "nightly", input: 7_000, since: 82, models: SERVICE, keys: [{ name: "cron" }] },
  { name: "code-review-bot", managers: ["henrik.aalto"], calls: 12, rhythm: "office", input: 3_000, since: 78, models: SERVICE, keys: [{ name: "forge" }, { name: "fork", expiresInDays: -5 }] },
  { name: "campus-map", managers: ["yuki.tanabe"], calls: 5, rhythm: "always", input: 400, since: 66, models: [["phi-4-mini", 1]], keys: [{ name: "kiosk", models: ["phi-4-mini"] }] },
  { name: "thesis-summaries", managers: ["hannah.blum", "samuel.mbeki"], calls: 5, rhythm: "office", input: 6_000, since: 60, models: SERVICE, keys: [{ name: "repository" }] },
  { name: "survey-coding", managers: ["ingrid.solheim"], calls: 7, rhythm: "office", input: 900, since: 52, models: SERVICE, keys: [{ name: "analysis" }] },
  { name: "protein-folds", managers: ["priya.raghunathan"], calls: 4, rhythm: "nightly", input: 3_400, since: 40, models: SERVICE, keys: [{ name: "queue", capCoins: 2n }] },
  { name: "sandbox", managers: ["rafael.costa"], calls: 0, rhythm: "office", input: 500, since: 31, models: SERVICE, keys: [{ name: "first try" }] },
  { name: "old-chatbot", managers: [], calls: 0, rhythm: "always", input: 500, since: 107, models: SERVICE, keys: [{ name: "website", revokedDaysAgo: 70 }], inactive: true },
  { name: "weather-station", managers: ["yuki.tanabe", "jonas.richter"], calls: 0, rhythm: "always", input: 500, since: 3, models: SERVICE, keys: [] },
];
