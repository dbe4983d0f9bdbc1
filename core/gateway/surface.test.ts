import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../environment";
import { findRoute, isNearMiss, servedPaths } from "./surface";

describe("the surface of the API", () => {
  const found: [string, string, string?][] = [
    ["/v1/chat/completions", "inference", "/chat/completions"], ["/chat/completions", "inference", "/chat/completions"],
    ["/v1/completions", "inference", "/completions"], ["/completions", "inference", "/completions"],
    ["/v1/embeddings", "inference", "/embeddings"], ["/embeddings", "inference", "/embeddings"],
    ["/v1/responses", "inference", "/responses"], ["/responses", "inference", "/responses"],
    ["/v1/messages", "inference", "/messages"], ["/messages?beta=true", "inference", "/messages"],
    ["/v1/messages/count_tokens", "inference", "/messages/count_tokens"], ["/messages/count_tokens", "inference", "/messages/count_tokens"],
    ["/v1/moderations", "inference", "/moderations"], ["/moderations", "inference", "/moderations"],
    ["/v1/rerank", "inference", "/rerank"], ["/rerank", "inference", "/rerank"],
    ...["/audio/transcriptions", "/audio/translations", "/audio/speech", "/images/generations", "/images/edits"].flatMap((url): [string, string, string][] => [[`/v1${url}`, "inference", url], [url, "inference", url]]),
    ["/v1/chat/completions?x=1", "inference", "/chat/completions"], ["/v1/models", "models"], ["/v1/models?limit=1", "models"], ["/v1/me", "account"],
  ];
  for (const [url, kind, upstreamPath] of found) {
    it(`knows ${url}`, () => {
      const route = findRoute(url)?.route;
      expect(route).to.include({ kind });
      expect(route?.upstreamPath).to.equal(upstreamPath);
      expect(route?.methods).to.deep.equal(kind === "inference" ? ["POST"] : ["GET", "HEAD"]);
    });
  }

  const ids: [string, string][] = [
    ["llama3", "llama3"], ["org/name", "org/name"], ["org%2Fname", "org/name"], ["org%2fname?x=1", "org/name"], ["a:b", "a:b"], ["a%20b", "a b"],
    ["%E2%98%83", "☃"], ["constructor", "constructor"], ["a%00b", "a\u0000b"], ["..%2f..%2fetc", "../../etc"],
  ];
  for (const [text, modelId] of ids) {
    it(`reads the model id of /v1/models/${text}`, () => expect(findRoute(`/v1/models/${text}`)).to.deep.include({ modelId }));
  }

  it("W80: reads the request id of /v1/requests/{id}, which is one segment", () => {
    expect(findRoute("/v1/requests/01a1fd72?x=1")).to.deep.include({ requestId: "01a1fd72" });
    for (const url of ["/v1/requests", "/v1/requests/", "/v1/requests/a/b", "/v1/requests/a%2Fb", "/requests/a"]) expect(findRoute(url), url).to.equal(undefined);
    expect(isNearMiss("/V1/requests/a")).to.equal(true);
  });

  it("is an allow-list: whatever else a model server has is out of reach", () => {
    for (const url of [
      "/", "", "/v1", "/v1/", "/v1/models/", "/models", "/me", "/v1/chat", "/v1/chat/completions/", "/v1/chat/completions/x", "//v1/models", "/V1/models",
      "/v1/chat/completions/../../metrics", "/v1/chat%2Fcompletions", "/flush_cache", "/api/delete", "/sleep", "/metrics", "/v1/../metrics",
      "/v1/responses/resp_1", "/v1/messages/batches", "/v1/files", "/v1/fine_tuning/jobs", "/v1/models/%", "/v1/models/%E0%A4", "/__proto__", "/v1/embeddings#x",
    ]) {
      expect(findRoute(url), url).to.equal(undefined);
    }
  });

  it("is what the shipped pipelines serve, path for path", () => {
    const { apiEndpoints } = parse(readFileSync(path.join(projectRoot(), "gateway.config.yml"), "utf8")) as { apiEndpoints: Record<string, { paths: string | string[] }> };
    expect(Object.values(apiEndpoints).flatMap(({ paths }) => paths)).to.have.members([...servedPaths()]);
  });
});
