import { createHmac } from "node:crypto";
import { expect } from "chai";
import { hmacSha256 } from "./hmacSha256";

describe("hmacSha256", () => {
  for (const length of [0, 1, 32, 63, 64, 65, 200]) {
    it(`says what createHmac says, with a secret of ${length} bytes`, () => {
      const secret = Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 256));
      const digest = hmacSha256(secret);
      for (const text of ["", "sk_key", "ü".repeat(100)]) {
        expect(digest(text).equals(createHmac("sha256", secret).update(text).digest())).to.equal(true);
      }
    });
  }
});
