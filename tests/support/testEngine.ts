/** What a gateway under test keeps everything in. */
export type TestEngine = "embedded" | "postgres";

/** The engine of this run of tests: `LUMEN_TEST_STORE`. @throws where it names none */
export function testEngine(env: NodeJS.ProcessEnv = process.env): TestEngine {
  const name = env["LUMEN_TEST_STORE"] || "embedded";
  if (name !== "embedded" && name !== "postgres") throw new Error(`LUMEN_TEST_STORE is ${name}: embedded or postgres`);
  return name;
}
