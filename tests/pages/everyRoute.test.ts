import { expect } from "chai";
import { tokenDigest } from "../../core/services/signIn/token";
import { SESSION_COOKIE } from "../../plugins/web-ui/cookies";
import { ROUTES } from "../../plugins/web-ui/routes";
import type { PageRoute } from "../../plugins/web-ui/visit";
import { PageVisitor, signedIn, type PageAnswer } from "../support/pageVisitor";
import { pageFaults } from "../support/pageFaults";
import { addressOf, addressOfNothing, nameOf, ROWS, routesWithoutRow, type RouteRow } from "../support/routeRows";
import { PERSONAS, startSeededLumen, type Persona, type SeededLumen } from "../support/seededLumen";

type Visitor = Persona | "anonymous";

const EVERYBODY: readonly Persona[] = ["admin", "manager", "otherManager", "member", "newcomer"];

/** Docs/rules.md, "Roles": who may open a route, by its audience and by whose thing it is. The things of the table are the manager's. */
function mayOpen({ audience }: PageRoute, row: RouteRow, who: Persona): boolean {
  if (row.own) return who === "manager";
  if (audience === "admin") return who === "admin";
  if (audience === "manager") return who === "admin" || who === "manager";
  return true;
}

describe("every route of the pages", () => {
  let seeded: SeededLumen;
  const visitors = new Map<Visitor, PageVisitor>();
  before(async function () {
    this.timeout(120_000);
    seeded = await startSeededLumen();
    visitors.set("anonymous", new PageVisitor(seeded.lumen.url));
    for (const who of EVERYBODY) visitors.set(who, await signedIn(seeded.lumen, PERSONAS[who]));
    seeded.world.managerSessionId = tokenDigest(visitor("manager").cookie(SESSION_COOKIE) ?? "");
  });
  after(() => seeded?.remove());

  const visitor = (who: Visitor): PageVisitor => {
    const found = visitors.get(who);
    if (!found) throw new Error(`${who} is not here`);
    return found;
  };

  it("has a row that says who may use it", () => {
    expect(routesWithoutRow()).to.deep.equal([]);
  });

  const checkHtml = (answer: PageAnswer, what: string) => expect(pageFaults(answer), what).to.deep.equal([]);

  const checkPart = async (who: Visitor, address: string) => {
    const { status, html } = await visitor(who).swap(address);
    expect(status, who).to.equal(200);
    expect(html, who).to.not.match(/<html|<main|<script|\sstyle=/);
  };

  /** A stream's head is enough. */
  const headOf = async (who: Visitor, address: string): Promise<PageAnswer> => {
    const leave = new AbortController();
    const answer = await fetch(new URL(address, seeded.lumen.url), { headers: { cookie: visitor(who).cookieHeader() }, redirect: "manual", signal: leave.signal });
    leave.abort();
    return { status: answer.status, headers: answer.headers, html: "", location: answer.headers.get("location") ?? undefined };
  };

  for (const route of ROUTES) {
    const row = ROWS[nameOf(route)];
    if (!row) continue;
    const address = () => addressOf(route, row, seeded.world);

    if (route.method === "GET") it(`${nameOf(route)} answers each as they may see it`, async () => {
      const open = (who: Visitor) => (row.answers === "stream" ? headOf(who, address()) : visitor(who).get(address()));
      const anonymous = await open("anonymous");
      if (route.audience === "public") checkAnswer(anonymous, row, "anonymous");
      else {
        expect(anonymous.status, "anonymous").to.equal(303);
        expect(anonymous.location, "anonymous").to.equal(`/sign-in?next=${encodeURIComponent(address())}`);
      }
      for (const who of EVERYBODY) {
        const answer = await open(who);
        if (mayOpen(route, row, who)) {
          checkAnswer(answer, row, who);
          if (row.part) await checkPart(who, address());
        } else {
          expect(answer.status, who).to.equal(404);
          if (row.answers !== "stream") checkHtml(answer, who);
        }
      }
    });

    if (route.method === "POST") it(`${nameOf(route)} is refused without the page's token, and to who may not know of it`, async () => {
      const everyone: readonly Visitor[] = ["anonymous", ...EVERYBODY];
      for (const who of everyone) {
        for (const token of ["", "guessed"]) {
          const refused = await visitor(who).post(address(), { _csrf: token });
          expect(refused.status, `${who} with the token "${token}"`).to.equal(403);
          checkHtml(refused, who);
        }
      }
      const foreign = await visitor("admin").post(address(), {}, { "sec-fetch-site": "cross-site" });
      expect(foreign.status, "from another site, with the token").to.equal(403);
      if (route.audience === "public") return;
      const anonymous = await visitor("anonymous").post(address());
      expect([anonymous.status, anonymous.location]).to.deep.equal([303, "/sign-in"]);
      for (const who of EVERYBODY) {
        if (mayOpen(route, row, who)) continue;
        const answer = await visitor(who).post(address());
        if (!row.own) expect(answer.status, who).to.equal(404);
        // Another's thing looks like one that is nowhere.
        const nowhere = await visitor(who).post(addressOfNothing(route));
        expect([answer.status, answer.location], who).to.deep.equal([nowhere.status, nowhere.location]);
        expect(answer.status, who).to.be.oneOf([303, 404]);
      }
    });
  }

  function checkAnswer(answer: PageAnswer, row: RouteRow, who: Visitor): void {
    const { status, headers } = answer;
    const expected = row.statuses?.[who] ?? (row.answers === "redirect" ? 303 : row.answers === "not found" ? 404 : 200);
    expect(status === 410 ? 404 : status, who).to.equal(expected);
    if (expected === 303) return;
    if (row.answers === "file" || row.answers === "stream") {
      expect(headers.get("cache-control"), who).to.match(/no-store|private/);
      expect(headers.get("x-content-type-options"), who).to.equal("nosniff");
    } else checkHtml(answer, who);
  }

  it("has an error page of the same kind where there is no route", async () => {
    for (const who of ["anonymous", "member"] as const) {
      const answer = await visitor(who).get("/no/such/page");
      expect(answer.status).to.equal(404);
      checkHtml(answer, who);
    }
  });
});
