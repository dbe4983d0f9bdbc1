import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createSecureContext } from "node:tls";
import { SHARED_READS } from "./sharedReads";

/** One way to reach servers: connections kept open, and, for the retry of a stale one, a connection made anew. */
export interface AgentPair {
  readonly kept: http.Agent;
  readonly fresh: http.Agent;
}

export interface AgentPool {
  /** The agents for a protocol and a file of certificates to trust. Throws where that file cannot be used. */
  agentsFor(protocol: string, caFile: string | undefined): AgentPair;
  /** After a reload: reads changed certificate files anew, and lets go of those that are not among `caFiles`. */
  keepOnly(caFiles: ReadonlySet<string>): void;
  close(): void;
}

interface TrustedAgents {
  readonly certificates: string | undefined;
  readonly pair?: AgentPair;
  readonly fault?: Error;
}

/**
 * @param freeSocketMs how long an idle connection is kept. uvicorn (vLLM, SGLang) closes its own after 5 s: ours must be the
 * first to go, or calls are written into a connection that is being closed.
 */
export function createAgentPool(freeSocketMs = 4_000): AgentPool {
  const options = { keepAlive: true, timeout: freeSocketMs };
  const plain: AgentPair = { kept: new http.Agent({ ...options, ...SHARED_READS }), fresh: new http.Agent(SHARED_READS) };
  const secure: AgentPair = { kept: new https.Agent(options), fresh: new https.Agent() };
  const trusting = new Map<string, TrustedAgents>();

  const trust = (caFile: string): TrustedAgents => {
    const read = readCertificates(caFile);
    if (read instanceof Error) return { certificates: undefined, fault: read };
    try {
      // Not as `ca`: Node puts its whole text into the name that it looks connections up by, on every request.
      const secureContext = createSecureContext({ ca: read });
      const pair = { kept: new https.Agent({ ...options, secureContext }), fresh: new https.Agent({ secureContext }) };
      return { certificates: read, pair };
    } catch (error) {
      return { certificates: read, fault: error instanceof Error ? error : new Error(String(error)) };
    }
  };

  return {
    agentsFor(protocol, caFile) {
      if (protocol !== "https:") return plain;
      if (caFile === undefined) return secure;
      let trusted = trusting.get(caFile);
      if (trusted === undefined) trusting.set(caFile, (trusted = trust(caFile)));
      if (trusted.pair === undefined) throw trusted.fault ?? new Error(`${caFile} cannot be used`);
      return trusted.pair;
    },
    keepOnly(caFiles) {
      for (const [caFile, { certificates, pair }] of trusting) {
        if (caFiles.has(caFile) && certificates !== undefined && readCertificates(caFile) === certificates) continue;
        trusting.delete(caFile);
        if (pair !== undefined) retire(pair.kept);
      }
    },
    close() {
      for (const pair of [plain, secure, ...[...trusting.values()].map((trusted) => trusted.pair)]) {
        pair?.kept.destroy();
        pair?.fresh.destroy();
      }
      trusting.clear();
    },
  };
}

function readCertificates(caFile: string): string | Error {
  try {
    return readFileSync(caFile, "utf8");
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** `agent.destroy()` would cut running streams: close what is idle, and keep nothing that becomes idle. */
function retire(agent: http.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}
