// Loaded by mocha before every test file: unit tests reach nothing but loopback.
import nock from "nock";

nock.restore();
