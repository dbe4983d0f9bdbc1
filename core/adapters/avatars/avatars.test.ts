import { expect } from "chai";
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openAvatars } from "./openAvatars";

const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(64, 1)]);

describe("avatars", () => {
  let server: Server;
  let base: string;
  let asked: string[];
  let status: number;
  let body: Buffer;
  let now: number;

  beforeEach(async () => {
    asked = [];
    status = 200;
    body = PNG;
    now = 1_700_000_000_000;
    server = createServer((req, res) => {
      asked.push(req.url ?? "");
      res.writeHead(status, { "content-type": "image/svg+xml", ...(status === 302 ? { location: "http://127.0.0.1:1/" } : {}) }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/avatar`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const avatars = () => openAvatars({ baseUrl: base, clock: () => now });
  const finder = () => {
    const opened = avatars();
    return (email: string) => opened.find(email);
  };

  it("are asked for by the SHA-256 of the address alone, once, and typed by their content", async () => {
    const find = finder();
    const [first, second] = await Promise.all([find("Ana@Example.edu "), find("ana@example.edu")]);
    expect(first).to.deep.equal({ type: "image/png", body: PNG });
    expect(second).to.equal(first);
    expect(await find("ana@example.edu")).to.equal(first);
    const digest = createHash("sha256").update("ana@example.edu").digest("hex");
    expect(asked).to.deep.equal([`/avatar/${digest}?s=160&d=404`]);
    now += 25 * 3_600_000;
    await find("ana@example.edu");
    expect(asked).to.have.length(2);
  });

  it("are none where the service knows none, and it is not asked again for an hour", async () => {
    status = 404;
    const find = finder();
    expect(await find("a@example.edu")).to.equal(undefined);
    status = 200;
    expect(await find("a@example.edu")).to.equal(undefined);
    now += 3_600_000;
    expect(await find("a@example.edu")).to.include({ type: "image/png" });
  });

  const refused: [string, () => void][] = [
    ["a page", () => (body = Buffer.from("<html><script>alert(1)</script>"))],
    ["an SVG, which may hold script", () => (body = Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"))],
    ["more than 1 MB", () => (body = Buffer.concat([PNG, Buffer.alloc(1_048_577)]))],
    ["a redirect", () => (status = 302)],
    ["an error", () => (status = 500)],
  ];
  for (const [name, arrange] of refused) {
    it(`take ${name} for none`, async () => {
      arrange();
      expect(await avatars().find("a@example.edu")).to.equal(undefined);
    });
  }

  it("are none while the service cannot be reached, and none without a service", async () => {
    expect(await openAvatars({ baseUrl: "http://127.0.0.1:1/avatar", clock: () => now }).find("a@example.edu")).to.equal(undefined);
    expect(await openAvatars({ baseUrl: "", clock: () => now }).find("a@example.edu")).to.equal(undefined);
    expect(asked).to.deep.equal([]);
  });
});
