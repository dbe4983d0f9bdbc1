import { startDemoServer, type DemoServer } from "./startDemoServer";

/** The built-in model server, switched on and off by `demo.enabled`. */
export interface Demo {
  setEnabled(enabled: boolean): Promise<void>;
  /** `http://127.0.0.1:4711`, without `/v1`; an address that refuses while it is off. */
  url(): string;
  close(): Promise<void>;
}

/** A port that nothing listens on: a model on a demo that is off is down, like any other. */
const OFF = "http://127.0.0.1:9";

export function createDemo(): Demo {
  let server: DemoServer | undefined;
  let turn: Promise<void> = Promise.resolve();
  const setEnabled = (enabled: boolean) =>
    (turn = turn.then(async () => {
      if (enabled && !server) server = await startDemoServer();
      else if (!enabled && server) {
        const stopping = server;
        server = undefined;
        await stopping.close();
      }
    }));
  return {
    setEnabled,
    url: () => server?.url.replace(/\/v1$/, "") ?? OFF,
    close: () => setEnabled(false),
  };
}
