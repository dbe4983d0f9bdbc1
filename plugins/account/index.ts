import { definePlugin } from "../../core/gateway/definePlugin";
import { account } from "./policy";

export = definePlugin({
  name: "account",
  summary: "Answers GET /v1/me: who the caller is, and how the coins stand.",
  policies: [account],
});
