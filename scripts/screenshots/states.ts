import type { Page } from "playwright-core";
import type { Persona, SeededWorld } from "../../tests/support/seededLumen";

/** A page in a state that no address has: a dialog, a menu, an answer that streams, a form that was refused. */
export interface State {
  readonly name: string;
  readonly who: Persona | "anonymous";
  readonly address: string;
  /** Brings the page, once it is open, into the state. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** As long as names may be, and without a place to break. */
export const LONG_CLIENT = "a-client-whose-name-is-as-long-as-a-name-may-be-which-is-64-char";
export const LONG_PERSON = "wolfeschlegelsteinhausenbergerdorff.of.the.department@northlake.example";

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole("button", { name }).first().click();
  await page.waitForSelector("dialog[open]");
};
const follow = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole("link", { name }).first().click();
  await page.waitForSelector("dialog[open]");
};
const open = (selector: string) => async (page: Page) => page.locator(selector).first().click();

/** Goes where a link leads, also one in a drawer that is closed. */
const visit = (selector: string) => async (page: Page) => {
  await page.goto((await page.locator(selector).first().getAttribute("href")) ?? "");
  await page.evaluate("document.fonts.ready");
};

async function newKey(page: Page): Promise<void> {
  await press("New API Key")(page);
  await page.locator(".key-limits summary").click();
}

async function savedKey(page: Page): Promise<void> {
  await press("New API Key")(page);
  await page.getByLabel("Name", { exact: true }).fill("a_key_whose_name_is_as_long_as_a_name_may_be_without_one_place_to_break");
  await page.getByRole("button", { name: "Save key" }).click();
  await page.locator(".key-curl").waitFor();
}

const ask = (text: string, until: string) => async (page: Page) => {
  await page.locator("[data-composer-text]").fill(text);
  await page.locator("[data-send]").click();
  await page.locator(until).first().waitFor({ state: "attached" });
};

async function chooseModel(page: Page, model: string): Promise<void> {
  await page.locator(".model-picker > summary").click();
  await page.locator(`input[name="model"][value="${model}"]`).check();
}

const ANYBODY: readonly State[] = [
  { name: "landing", who: "anonymous", address: "/" },
  { name: "sign-in", who: "anonymous", address: "/sign-in" },
  { name: "help", who: "anonymous", address: "/help" },
  { name: "help-configuration", who: "anonymous", address: "/help/configuration" },
  { name: "not-found", who: "anonymous", address: "/nothing-here" },
];

const EMPTY: readonly State[] = [
  { name: "empty-profile", who: "newcomer", address: "/profile" },
  { name: "empty-usage", who: "newcomer", address: "/usage" },
  { name: "empty-chat", who: "newcomer", address: "/chat" },
  { name: "blocked-model", who: "newcomer", address: "/models/gpt-4o" },
  { name: "why", who: "newcomer", address: "/profile", prepare: follow(/^Why is/) },
  { name: "no-model", who: "manager", address: "/models?models-q=nothing-of-this-name" },
];

const keys: readonly State[] = [
  { name: "key-new", who: "manager", address: "/profile", prepare: newKey },
  { name: "key-saved", who: "manager", address: "/profile", prepare: savedKey },
  { name: "key-rotate", who: "manager", address: "/profile", prepare: press(/^Rotate/) },
  { name: "key-revoke", who: "manager", address: "/profile", prepare: press(/^Revoke/) },
  { name: "keys-deleted", who: "manager", address: "/profile?keys-deleted=1" },
  { name: "consent", who: "manager", address: "/profile", prepare: follow(/^Consented/) },
  { name: "account-menu", who: "manager", address: "/profile", prepare: open(".account-menu summary") },
];

const chat = ({ conversationId }: SeededWorld): readonly State[] => [
  { name: "chat-table", who: "manager", address: "/chat", prepare: visit('.chat-link:has-text("Primer design")') },
  { name: "chat-formula", who: "manager", address: "/chat", prepare: visit('.chat-link:has-text("Why n")') },
  { name: "chat-picker", who: "manager", address: "/chat", prepare: open(".model-picker > summary") },
  { name: "chat-settings", who: "manager", address: `/chat/${conversationId}`, prepare: open('summary[title="Settings"]') },
  { name: "chat-actions", who: "manager", address: `/chat/${conversationId}`, prepare: open('summary[title="Actions"]') },
  { name: "chat-edit", who: "manager", address: `/chat/${conversationId}`, prepare: open("[data-edit] > summary") },
  { name: "chat-streaming", who: "manager", address: "/chat", prepare: ask("Tell me of the history of the printing press, at some length.", "[data-running] [data-settled] > *, [data-running] [data-tail] > *") },
  { name: "chat-failed", who: "admin", address: "/chat", prepare: async (page) => {
    await chooseModel(page, "llava-34b");
    await ask("What is in this picture?", ".chat-error")(page);
  } },
  { name: "chat-consent", who: "otherManager", address: "/chat", prepare: async (page) => {
    await chooseModel(page, "gpt-4o");
    await page.locator("[data-consent-card] button[type=submit]").waitFor();
  } },
];

const admin = ({ clientId, memberId }: SeededWorld): readonly State[] => [
  { name: "client-new", who: "admin", address: "/clients", prepare: follow("New client") },
  { name: "client-long", who: "admin", address: "/clients", prepare: visit(`a:has-text("${LONG_CLIENT}")`) },
  { name: "clients-all", who: "admin", address: "/clients" },
  { name: "client-admin", who: "admin", address: `/clients/${clientId}` },
  { name: "client-deactivate", who: "admin", address: `/clients/${clientId}`, prepare: press("Deactivate") },
  { name: "client-manager", who: "admin", address: `/clients/${clientId}`, prepare: async (page) => {
    await follow("Add manager")(page);
    await page.locator('dialog[open] input[type="search"], dialog[open] input[name="who"]').first().pressSequentially("an");
    await page.locator("dialog[open] .person").first().waitFor();
  } },
  { name: "sign-in-link", who: "admin", address: `/admin/users/${memberId}`, prepare: async (page) => {
    await page.getByRole("button", { name: "Make a sign-in link" }).click();
    await page.waitForURL(/\/link$/);
  } },
  { name: "user-refused", who: "admin", address: `/admin/users/${memberId}`, prepare: async (page) => {
    await page.locator("#coins-amount").fill("many");
    await page.locator("#coins-reason").fill("a mistake");
    await page.getByRole("button", { name: "Change the balance" }).click();
    await page.locator("#coins-error").waitFor();
  } },
  { name: "effective", who: "admin", address: "/admin/configuration?user=ben.carlisle@northlake.example&model=gpt-4o#effective" },
  { name: "candidate", who: "admin", address: "/admin/configuration", prepare: async (page) => {
    await page.getByLabel("Text").fill("version: 2\nusers: {default: {max: 7}}\nmodels: [{name: phi-4-mini, endpoints: [{url: 'demo:'}]}]\n");
    await page.getByRole("button", { name: "Show what it would change" }).click();
    await page.waitForURL(/candidate/);
  } },
  { name: "toast", who: "admin", address: "/admin/endpoints", prepare: async (page) => {
    await page.getByRole("button", { name: "Probe all now" }).click();
    await page.locator(".toast").waitFor();
  } },
];

export const statesOf = (world: SeededWorld): readonly State[] => [...ANYBODY, ...EMPTY, ...keys, ...chat(world), ...admin(world)];
