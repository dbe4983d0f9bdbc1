import { expect } from "chai";
import { faultOfPassword, normalisePassword } from "./password";

describe("a password", () => {
  const refused: [string, RegExp][] = [
    ["", /at least 12/], ["elevenchars", /at least 12/], ["😀".repeat(11), /at least 12/], ["a".repeat(201), /at most 200/],
    ["aaaaaaaaaaaa", /first that others/], ["abababababab", /first that others/], ["123456789012", /first that others/], ["Password1234", /first that others/],
    ["qwertyuiop12", /first that others/], ["Welcome2026!", /first that others/], ["1q2w3e4r5t6y", /first that others/], ["CorrectHorseBatteryStaple", /first that others/],
  ];
  for (const [password, reason] of refused) it(`is refused: ${password.slice(0, 30)}`, () => expect(faultOfPassword(password)).to.match(reason));

  for (const password of ["violet stapler 7", "zwölf Boxkämpfer", "ojh3kd92mfla", "密码密码密码密码密码密码长长"]) {
    it(`may be chosen: ${password}`, () => expect(faultOfPassword(password)).to.equal(undefined));
  }

  it("is the same however its accents were typed", () => {
    expect(normalisePassword("zwo\u0308lf")).to.equal(normalisePassword("zwölf"));
  });
});
