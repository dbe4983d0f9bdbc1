import { expect } from "chai";
import { execFile } from "node:child_process";
import path from "node:path";
import { projectRoot } from "../../core/environment";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { PageVisitor, signedIn, signInPath } from "../support/pageVisitor";

const CONFIG = `version: 2
app: {debug: true, dev_user: {email: Dev@example.com, groups: [staff]}}
admins: [root@example.edu]
groups: {staff: {max: 200, refresh: 5}}
users: {default: {max: 50, refresh: 1}}
oauth2: {client_id: lumen, client_secret: s, server_metadata_url: "http://localhost:1/.well-known/openid-configuration", redirect_uri: "http://127.0.0.1:1/old/callback"}
models: [{name: dummy, request_cost: 1, endpoints: [{url: "demo:"}]}]
`;

const GOOD = "violet stapler 7";
const OTHER = "a quiet harbour";

describe("signing in", function () {
  this.timeout(60_000);
  let lumen: LumenProcess;
  before(async () => (lumen = await startLumenProcess({ config: CONFIG })));
  after(() => lumen?.remove());

  const visitor = () => new PageVisitor(lumen.url);
  const isSignedIn = async (who: PageVisitor) => (await who.get("/account")).status === 200;
  const trySignIn = (who: PageVisitor, email: string, password: string, next = "/account") => who.post("/sign-in", { email, password, next });

  /** As `lumen user password EMAIL --stdin`. */
  const reset = (email: string, password: string) =>
    new Promise<string>((resolve, reject) => {
      const child = execFile(process.execPath, [path.join(projectRoot(), "bin/lumen.js"), "user", "password", email, "--stdin"], { env: lumen.env },
        (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)));
      child.stdin?.end(`${password}\n`);
    });

  /** A local account with a password of its own. */
  const localAccount = async (email: string, password = GOOD): Promise<PageVisitor> => {
    await lumen.cli("user", "create", email);
    await reset(email, OTHER);
    const who = visitor();
    expect((await trySignIn(who, email, OTHER)).status).to.equal(303);
    const changed = await who.post("/account/password", { old: OTHER, wanted: password, again: password, next: "/account" });
    expect([changed.status, changed.location]).to.deep.equal([303, "/account"]);
    return who;
  };

  it("asks for an own password after one that an administrator gave, before anything else", async () => {
    await lumen.cli("user", "create", "ana@example.edu");
    const { password } = await lumen.json<{ password: string }>("user", "password", "ana@example.edu");
    expect(password).to.match(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/);
    const ana = visitor();
    const signedInThere = await trySignIn(ana, "Ana@Example.edu", password, "/profile");
    expect([signedInThere.status, signedInThere.location]).to.deep.equal([303, "/profile"]);
    for (const page of ["/profile", "/account"]) {
      expect((await ana.get(page)).location).to.equal(`/account/password?next=${encodeURIComponent(page)}`);
    }
    const form = await ana.get("/account/password?next=/profile");
    expect(form.html).to.include("Choose a password of your own");
    const before = ana.cookie("lumen_session");
    const tables: [Record<string, string>, RegExp][] = [
      [{ old: "wrong wrong wrong", wanted: GOOD, again: GOOD }, /This is not your password/],
      [{ old: password, wanted: "short", again: "short" }, /at least 12/],
      [{ old: password, wanted: "password1234", again: "password1234" }, /first that others/],
      [{ old: password, wanted: password, again: password }, /is the old one/],
      [{ old: password, wanted: GOOD, again: OTHER }, /not the same/],
    ];
    for (const [fields, message] of tables) {
      const refused = await ana.post("/account/password", fields);
      expect([refused.status, refused.html]).to.satisfy(([status, html]: [number, string]) => status === 422 && message.test(html), String(message));
    }
    const changed = await ana.post("/account/password", { old: password, wanted: GOOD, again: GOOD, next: "/profile" });
    expect(changed.location).to.equal("/profile");
    expect(ana.cookie("lumen_session")).to.not.equal(before);
    expect(await isSignedIn(ana)).to.equal(true);
    expect((await trySignIn(visitor(), "ana@example.edu", password)).status).to.equal(422);
  });

  it("says one thing for a wrong password and for an address that is nobody's, and keeps what was typed", async () => {
    await localAccount("bo@example.edu");
    const texts = new Set<string>();
    for (const email of ["bo@example.edu", "nobody@example.edu", "no address"]) {
      const { status, html } = await trySignIn(visitor(), email, "wrong wrong wrong", "/usage");
      expect(status).to.equal(422);
      expect(html).to.include(`value="${email}"`).and.to.include('name="next" value="/usage"').and.to.not.include("wrong wrong wrong");
      texts.add(/id="sign-in-fault">([^<]*)</.exec(html)?.[1] ?? "none");
    }
    expect([...texts]).to.deep.equal(["This e-mail address and password do not belong together. Check both and try again."]);
  });

  it("gives a fresh session at each sign-in: one that was put there before is worth nothing, and the old one is dead", async () => {
    const cy = await localAccount("cy@example.edu");
    const old = cy.cookie("lumen_session") ?? "";
    const planted = visitor();
    planted.setCookie("lumen_session", "planted-by-somebody");
    await trySignIn(planted, "cy@example.edu", GOOD);
    expect(planted.cookie("lumen_session")).to.be.a("string").and.to.not.equal("planted-by-somebody");
    const { path: link } = await signInPath(lumen, "cy@example.edu");
    await cy.post(link, { _csrf: await cy.csrfToken() });
    expect(cy.cookie("lumen_session")).to.not.equal(old);
    const thief = visitor();
    thief.setCookie("lumen_session", old);
    expect(await isSignedIn(thief)).to.equal(false);
    const { headers } = await trySignIn(visitor(), "cy@example.edu", GOOD);
    expect(headers.getSetCookie().find((line) => line.startsWith("lumen_session="))).to.match(/; HttpOnly; SameSite=Lax/);
  });

  it("goes to paths of ours alone", async () => {
    await localAccount("di@example.edu");
    for (const next of ["//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "javascript:alert(1)"]) {
      const { location } = await trySignIn(visitor(), "di@example.edu", GOOD, next);
      expect(location, next).to.equal("/");
      const shown = await visitor().get(`/sign-in?next=${encodeURIComponent(next)}`);
      expect(shown.html, next).to.not.include("evil.example");
    }
    const di = visitor();
    await trySignIn(di, "di@example.edu", GOOD);
    expect((await di.get("/sign-in?next=/usage")).location, "who is signed in is sent on").to.equal("/usage");
    expect((await di.get("/sign-in?next=//evil.example")).location).to.equal("/");
  });

  it("refuses forms that come from elsewhere", async () => {
    const eve = visitor();
    const token = await eve.csrfToken();
    const fields = { email: "bo@example.edu", password: GOOD };
    const tries: [string, Record<string, string>, Record<string, string>][] = [
      ["no token", { ...fields, _csrf: "" }, {}],
      ["a wrong token", { ...fields, _csrf: "x".repeat(token.length) }, {}],
      ["another origin", { ...fields, _csrf: token }, { origin: "https://evil.example" }],
      ["another site", { ...fields, _csrf: token }, { "sec-fetch-site": "cross-site" }],
      ["a sister site", { ...fields, _csrf: token }, { "sec-fetch-site": "same-site" }],
      ["no origin at all", { ...fields, _csrf: token }, { origin: "null" }],
    ];
    for (const [what, sent, headers] of tries) expect((await eve.post("/sign-in", sent, headers)).status, what).to.equal(403);
    const bo = visitor();
    await trySignIn(bo, "bo@example.edu", GOOD);
    expect((await bo.post("/account/sessions/end", { _csrf: token })).status, "the token of another browser").to.equal(403);
    expect(await isSignedIn(bo)).to.equal(true);
  });

  it("is slowed after some wrong tries, for that account alone", async () => {
    await localAccount("flo@example.edu");
    const guesser = visitor();
    const statuses: number[] = [];
    for (let round = 0; round < 7; round++) statuses.push((await trySignIn(guesser, "flo@example.edu", `guess number ${round}`)).status);
    expect(statuses).to.deep.equal([422, 422, 422, 422, 422, 422, 429]);
    const right = await trySignIn(visitor(), "FLO@example.edu ", GOOD);
    expect(right.status, "the right one too, however the address is written").to.equal(429);
    expect(Number(right.headers.get("retry-after"))).to.be.within(1, 300);
    expect(right.html).to.match(/Those were too many tries\. Wait \d+ (minute|second)s?, then try again\./);
    expect((await trySignIn(visitor(), "bo@example.edu", GOOD)).status, "another account").to.equal(303);
  });

  it("shows where one is signed in, and signs out another device, all others, or everywhere", async () => {
    const gil = await localAccount("gil@example.edu");
    const [phone, laptop, hal] = [visitor(), visitor(), await signedIn(lumen, "hal@example.edu")];
    for (const device of [phone, laptop]) await trySignIn(device, "gil@example.edu", GOOD);
    const shown = await gil.get("/account");
    expect(shown.html.match(/action="\/account\/sessions\/[0-9a-f]{64}\/end"/g)).to.have.length(3);
    expect(shown.html).to.include("This device").and.to.include("127.0.0.1");
    const ids = [...shown.html.matchAll(/\/account\/sessions\/([0-9a-f]{64})\/end/g)].map(([, id]) => id);
    expect((await hal.post(`/account/sessions/${ids[1]}/end`)).status, "another person's session").to.equal(404);
    expect((await gil.post(`/account/sessions/${ids[1]}/end`)).location).to.equal("/account");
    const live = await Promise.all([gil, phone, laptop].map(isSignedIn));
    expect(live.filter(Boolean)).to.have.length(2);
    expect(live[0]).to.equal(true);
    await gil.post("/account/sessions/end", { others: "1" });
    expect(await Promise.all([gil, phone, laptop].map(isSignedIn))).to.deep.equal([true, false, false]);
    await trySignIn(phone, "gil@example.edu", GOOD);
    expect((await gil.post("/account/sessions/end")).html).to.include("<h1>Sign out everywhere?</h1>");
    expect(await isSignedIn(gil), "asked, and nothing done").to.equal(true);
    expect((await gil.postAndConfirm("/account/sessions/end")).location).to.equal("/sign-in");
    expect(await Promise.all([gil, phone].map(isSignedIn))).to.deep.equal([false, false]);
    expect(await isSignedIn(hal)).to.equal(true);
  });

  it("ends every other session when the password changes, and all of them when it is reset", async () => {
    const ida = await localAccount("ida@example.edu");
    const other = visitor();
    await trySignIn(other, "ida@example.edu", GOOD);
    await ida.post("/account/password", { old: GOOD, wanted: "seven grey geese", again: "seven grey geese" });
    expect(await Promise.all([ida, other].map(isSignedIn))).to.deep.equal([true, false]);
    await reset("ida@example.edu", OTHER);
    expect(await isSignedIn(ida)).to.equal(false);
  });

  it("ends with the account: a deactivated person is out at once, and comes back when activated", async () => {
    const jo = await localAccount("jo@example.edu");
    const { path: link } = await signInPath(lumen, "jo@example.edu");
    expect((await lumen.cli("user", "deactivate", "jo@example.edu")).stdout).to.include("is deactivated and signed out everywhere");
    expect(await isSignedIn(jo)).to.equal(false);
    expect((await visitor().get(link)).status, "links too").to.equal(410);
    const refused = await trySignIn(visitor(), "jo@example.edu", GOOD);
    expect([refused.status, refused.html]).to.satisfy(([status, html]: [number, string]) => status === 403 && html.includes("deactivated"));
    expect((await trySignIn(visitor(), "jo@example.edu", "wrong wrong wrong")).status, "who does not know the password learns nothing").to.equal(422);
    await lumen.cli("user", "activate", "jo@example.edu");
    expect((await trySignIn(visitor(), "jo@example.edu", GOOD)).status).to.equal(303);
    expect((await lumen.cli("user", "deactivate", "nobody@example.edu")).code).to.equal(1);
  });

  it("G1: lets the development user in from this machine, with the groups of the file, and not through a proxy", async () => {
    const dev = visitor();
    expect((await dev.get("/sign-in")).html).to.include("Sign in as dev@example.com");
    const proxied: Record<string, string>[] = [
      { "x-forwarded-for": "127.0.0.1" }, { "x-forwarded-host": "a" }, { "x-forwarded-proto": "https" }, { forwarded: "for=127.0.0.1" }, { via: "1.1 proxy" },
    ];
    for (const headers of proxied) {
      expect((await dev.get("/sign-in", headers)).html, JSON.stringify(headers)).to.not.include("dev@example.com");
      expect((await dev.post("/sign-in/development", {}, headers)).status, JSON.stringify(headers)).to.equal(404);
    }
    expect((await dev.post("/sign-in/development", { next: "/account" })).location).to.equal("/account");
    expect((await dev.get("/account")).html).to.include("dev@example.com");
    expect((await dev.get("/account")).html, "the coins of the group staff").to.include("of 200");
  });

  it("says so where the identity provider cannot be reached, and finds nothing to come back from", async () => {
    const kim = visitor();
    expect((await kim.get("/sign-in")).html).to.include("Continue with your institution");
    const down = await kim.get("/sign-in/oidc?next=/usage");
    expect([down.status, down.html]).to.satisfy(([status, html]: [number, string]) => status === 503 && html.includes("does not answer") && html.includes("oidc?next&#x3D;%2Fusage"));
    for (const address of ["/callback?code=a&state=b", "/old/callback?code=a&state=b"]) {
      const { status, html } = await kim.get(address);
      expect([status, html.includes("This sign-in is over")], address).to.deep.equal([400, true]);
    }
  });
});
