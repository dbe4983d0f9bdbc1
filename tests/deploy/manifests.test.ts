import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { buildProgram } from "../../bin/program";
import { loadConfig } from "../../core/config/loadConfig";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import { projectRoot } from "../../core/environment";
import { environmentOf, parseDockerfile } from "./dockerfile";

const folder = path.join(projectRoot(), "deploy");
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
const yaml = (file: string): unknown[] => parseAllDocuments(read(file), { merge: true }).map((document) => {
  expect(document.errors.concat(document.warnings), file).to.deep.equal([]);
  return document.toJS() as unknown;
});
const image = parseDockerfile(readFileSync(path.join(projectRoot(), "Dockerfile"), "utf8")).at(-1)!;
const imageEnv = environmentOf(image);
const imageSays = (name: string) => image.instructions.find((instruction) => instruction.name === name)!.text;

/** What the nodes are given; the file is read with it, as a node reads it. */
const nodeEnv = { LUMEN_BASE_URL: "https://lumen.example.edu", LUMEN_STORE_URL: "postgres://lumen:secret@postgres/lumen", METRICS_TOKEN: "token" };
const KNOWN = [...Object.keys(nodeEnv), "LUMEN_PEPPER"];
/** After the grace: last words to callers, and the books. */
const CLOSING_SECONDS = 12;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } } }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: object;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string; readonly readOnly?: boolean }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number; readonly fsGroup?: number; readonly runAsNonRoot: boolean };
  readonly automountServiceAccountToken: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
}

interface Workload {
  readonly kind: string;
  readonly spec: { readonly replicas: number; readonly selector: { readonly matchLabels: object }; readonly template: { readonly metadata: { readonly labels: object }; readonly spec: PodSpec } };
}

interface ComposeService {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly networks: Readonly<Record<string, { readonly ipv4_address?: string }>>;
  readonly stop_grace_period: string;
  readonly extra_hosts: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
}

describe("what deploy/ says", () => {
  const nginx = read("nginx.conf");
  const [compose] = yaml("compose.yaml") as [{ services: Record<string, ComposeService>; networks: Record<string, { internal?: boolean }>; volumes: object }];
  const [deployment] = yaml("kubernetes/deployment.yaml") as [Workload];
  const [job] = yaml("kubernetes/migrate.yaml") as [Workload];
  const pod = deployment.spec.template.spec;
  const [gateway] = pod.containers;
  const nodes = ["gateway-1", "gateway-2"];
  let config: ConfigSnapshot;

  before(async () => {
    const { snapshot, faults } = await loadConfig(path.join(folder, "config/config.yaml"), nodeEnv);
    expect(faults.filter(({ message }) => !message.startsWith("There are no models"))).to.deep.equal([]);
    config = snapshot!;
  });

  describe("in config/config.yaml", () => {
    it("is for nodes on one PostgreSQL behind a proxy, which give nothing away until somebody says so", () => {
      expect(config.store.url).to.equal(nodeEnv.LUMEN_STORE_URL);
      expect(config.server.trustProxy).to.equal(true);
      expect(config.demo.enabled).to.equal(false);
      expect(config.sections.prometheus).to.deep.include({ enabled: true, token: nodeEnv.METRICS_TOKEN });
      expect([config.models.size, config.admins.size]).to.deep.equal([0, 0]);
    });

    it("never falls back to an embedded store, of which each node would have its own", async () => {
      for (const LUMEN_STORE_URL of ["", undefined]) {
        const { snapshot } = await loadConfig(path.join(folder, "config/config.yaml"), { ...nodeEnv, LUMEN_STORE_URL });
        expect(new URL(snapshot!.store.url).hostname).to.match(/\.invalid$/);
      }
    });

    it("reads variables that compose.yaml and the deployment set, all of them", () => {
      const asked = [...new Set([...read("config/config.yaml").matchAll(/\$\{(\w+)/g)].map((match) => match[1]!))];
      expect(asked.sort()).to.deep.equal(Object.keys(nodeEnv).sort());
      for (const name of nodes) expect(Object.keys(compose.services[name]!.environment)).to.have.members(KNOWN);
      expect(gateway.env.map(({ name }) => name)).to.have.members(KNOWN);
      expect(job.spec.template.spec.containers[0].env.map(({ name }) => name)).to.have.members(Object.keys(nodeEnv));
    });
  });

  describe("in compose.yaml", () => {
    it("starts with no secret that was not set", () => {
      const variables = [...read("compose.yaml").matchAll(/\$\{\w+[^}]*\}/g)].map(([whole]) => whole);
      expect(variables.length).to.be.greaterThan(3);
      for (const variable of variables) expect(variable).to.match(/^\$\{\w+:\?/);
      for (const name of nodes) {
        for (const [key, value] of Object.entries(compose.services[name]!.environment)) expect(value, key).to.contain("${");
      }
      expect(compose.services["postgres"]!.environment["POSTGRES_PASSWORD"]).to.match(/^\$\{POSTGRES_PASSWORD:\?/);
    });

    it("gives nodes time to stop, a file system that is read-only, and a volume each where the image keeps its data", () => {
      const volumes = new Set<string>();
      for (const name of nodes) {
        const { stop_grace_period, read_only, cap_drop, volumes: mounted } = compose.services[name]!;
        expect(parseInt(stop_grace_period, 10)).to.be.at.least(config.server.graceMs / 1000 + CLOSING_SECONDS);
        expect({ read_only, cap_drop }).to.deep.equal({ read_only: true, cap_drop: ["ALL"] });
        expect(mounted).to.include(`./config:${path.dirname(imageEnv["LUMEN_CONFIG"]!)}:ro`);
        volumes.add(mounted.find((volume) => volume.endsWith(`:${imageSays("VOLUME")}`))!.split(":")[0]!);
      }
      expect([...volumes]).to.have.length(2);
      expect(Object.keys(compose.volumes)).to.include.members([...volumes]);
    });

    it("opens the proxy alone, and lets the nodes alone reach the database", () => {
      const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
      expect(open).to.deep.equal(["proxy"]);
      expect(compose.networks["store"]).to.deep.equal({ internal: true });
      expect(compose.services["postgres"]!.networks).to.deep.equal(["store"]);
    });

    it("tells nginx the addresses that the nodes have", () => {
      const addresses = nodes.map((name) => `${name}:${compose.services[name]!.networks["front"]!.ipv4_address}`);
      expect(compose.services["proxy"]!.extra_hosts).to.deep.equal(addresses);
      expect(compose.services["proxy"]!.volumes).to.include("./nginx.conf:/etc/nginx/nginx.conf:ro").and.to.include(`./tls:${path.posix.dirname(/ssl_certificate (\S+);/.exec(nginx)![1]!)}:ro`);
    });
  });

  describe("in nginx.conf", () => {
    it("names the nodes of compose.yaml at the port of the image", () => {
      const servers = [...nginx.matchAll(/^\s*server (\S+:\d+)/gm)].map((match) => match[1]);
      expect(servers).to.deep.equal(nodes.map((name) => `${name}:${imageSays("EXPOSE")}`));
    });

    it("closes idle connections before the nodes do (W99), and waits longer than the slowest answer may take", () => {
      const seconds = (name: string) => Number(new RegExp(`\\b${name} (\\d+)s;`).exec(nginx)?.[1]);
      const idle = /const IDLE_CONNECTION_MS = ([\d_]+);/.exec(readFileSync(path.join(projectRoot(), "core/gateway/frontDoor.ts"), "utf8"))![1]!;
      expect(seconds("keepalive_timeout")).to.be.below(Number(idle.replace("_", "")) / 1000);
      const headers = /headers_seconds: preset\(seconds\(\), "(\d+)"/.exec(readFileSync(path.join(projectRoot(), "core/config/schema/models.ts"), "utf8"))![1]!;
      expect(seconds("proxy_read_timeout")).to.be.above(Number(headers));
    });
  });

  describe("in kubernetes/", () => {
    it("holds one workload for each name that kustomization.yaml lists, and no secret", () => {
      const [kustomization] = yaml("kustomization.yaml") as [{ resources: string[]; configMapGenerator: { name: string; files: string[] }[]; generatorOptions: object; images: { name: string }[] }];
      const files = readdirSync(path.join(folder, "kubernetes")).map((file) => `kubernetes/${file}`);
      expect(kustomization.resources).to.have.members(files.filter((file) => !file.endsWith("migrate.yaml")));
      expect(files.flatMap((file) => yaml(file) as Workload[]).map(({ kind }) => kind)).to.have.members(["Deployment", "Service", "PodDisruptionBudget", "Job"]);
      expect(kustomization.images.map(({ name }) => name)).to.deep.equal([gateway.image]);
      // The name must not change with the content, or every change would restart the pods.
      expect(kustomization.generatorOptions).to.deep.equal({ disableNameSuffixHash: true });
      const [made] = kustomization.configMapGenerator;
      expect(made).to.deep.equal({ name: pod.volumes.find(({ name }) => name === "config")!.configMap!.name, files: ["config/config.yaml"] });
    });

    it("takes every secret from one, and writes none down", () => {
      const secret = gateway.env.filter(({ valueFrom }) => valueFrom !== undefined);
      expect(secret.map(({ name }) => name)).to.have.members(["LUMEN_STORE_URL", "LUMEN_PEPPER", "METRICS_TOKEN"]);
      expect(new Set([...secret, ...job.spec.template.spec.containers[0].env].flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []))).to.deep.equal(new Set(["lumen-secrets"]));
    });

    it("asks for health where the server answers, at the port of the image", () => {
      expect(gateway.ports).to.deep.equal([{ name: "http", containerPort: Number(imageSays("EXPOSE")) }]);
      const { startupProbe, livenessProbe, readinessProbe } = gateway;
      expect([startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet)).to.deep.equal([
        { path: "/healthz", port: "http" }, { path: "/healthz", port: "http" }, { path: "/readyz", port: "http" },
      ]);
      const [service] = yaml("kubernetes/service.yaml") as [{ spec: { selector: object; ports: { targetPort: string }[] } }];
      expect(service.spec.ports.map(({ targetPort }) => targetPort)).to.deep.equal(["http"]);
      const [budget] = yaml("kubernetes/disruption-budget.yaml") as [{ spec: { minAvailable: number; selector: { matchLabels: object } } }];
      expect(budget.spec.minAvailable).to.be.below(deployment.spec.replicas);
      for (const labels of [deployment.spec.selector.matchLabels, service.spec.selector, budget.spec.selector.matchLabels]) expect(labels).to.deep.equal(deployment.spec.template.metadata.labels);
    });

    it("waits for a pod to stop as long as the pod may take", () => {
      const [program, seconds] = gateway.lifecycle.preStop.exec.command;
      expect(program).to.equal("sleep");
      expect(pod.terminationGracePeriodSeconds).to.be.at.least(Number(seconds) + config.server.graceMs / 1000 + CLOSING_SECONDS);
    });

    for (const [name, workload] of [["the deployment", deployment], ["the job that migrates", job]] as const) {
      it(`lets ${name} do nothing that it need not`, () => {
        const { securityContext, automountServiceAccountToken, containers: [container] } = workload.spec.template.spec;
        const [uid, gid] = imageSays("USER").split(":").map(Number);
        expect(securityContext).to.include({ runAsNonRoot: true, runAsUser: uid, runAsGroup: gid });
        expect(automountServiceAccountToken).to.equal(false);
        expect(container.securityContext).to.deep.equal({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
        const mounted = container.volumeMounts.find((mount) => mount.name === "config");
        // A file that is mounted by itself (subPath) never changes.
        expect(mounted).to.deep.equal({ name: "config", mountPath: path.dirname(imageEnv["LUMEN_CONFIG"]!), readOnly: true });
      });
    }

    it("migrates by a command that there is", () => {
      const [branch, leaf] = job.spec.template.spec.containers[0].args!;
      expect(buildProgram().commands.find((command) => command.name() === branch)?.commands.map((command) => command.name())).to.include(leaf);
    });

    it("mounts its data where the image keeps them", () => {
      expect(gateway.volumeMounts.find(({ name }) => name === "data")?.mountPath).to.equal(imageSays("VOLUME"));
      expect(pod.securityContext.fsGroup).to.equal(pod.securityContext.runAsGroup);
    });
  });
});
