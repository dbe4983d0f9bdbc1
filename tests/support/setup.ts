// Loaded by mocha before every test file: unit tests reach nothing but loopback, and what they share ends with them.
import nock from "nock";
import { closePostgres } from "./postgresDatabases";

nock.restore();

export const mochaHooks = { afterAll: () => closePostgres() };
