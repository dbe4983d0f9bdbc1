import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { revisionOf } from "../../core/config/build/buildSnapshot";
import { callApi } from "../support/apiCall";
import { configMapFolder } from "../support/configMapFolder";
import { startLumenProcess, type LumenProcess } from "../support/lumenProcess";
import { testConfig } from "../support/testConfig";

describe("a gateway whose configuration is a ConfigMap", () => {
  let mounted: string;
  let lumen: LumenProcess;
  let publish: (text: string) => Promise<void>;

  before(async () => {
    mounted = await mkdtemp(path.join(tmpdir(), "lumen-configmap-"));
    publish = await configMapFolder(mounted);
    await publish(testConfig());
    lumen = await startLumenProcess({ env: { LUMEN_CONFIG: path.join(mounted, "config.yaml") } });
  });
  after(async () => {
    await lumen.remove();
    await rm(mounted, { recursive: true, force: true });
  });

  it("has a new version in force without a restart, again and again, and refuses a broken one (R1, R2)", async () => {
    const key = await lumen.newKey("bot");
    const models = async () => (await callApi<{ data: { id: string }[] }>(lumen.url, "/v1/models", { key })).json.data.map(({ id }) => id);
    const putInForce = async (text: string) => {
      await publish(text);
      await lumen.printed(new RegExp(`"revision":"${revisionOf(text)}".* is in force`));
    };
    expect(await models()).to.deep.equal(["m"]);
    for (const name of ["second", "third"]) {
      await putInForce(testConfig({ model: { name } }));
      expect(await models()).to.deep.equal([name]);
    }
    await publish("models: [{name: third, endpointz: []}]");
    await lumen.printed("was changed and refused");
    expect(await models()).to.deep.equal(["third"]);
    await putInForce(testConfig({ model: { name: "fourth" } }));
    expect(await models()).to.deep.equal(["fourth"]);
  });
});
