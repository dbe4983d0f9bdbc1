import { definePlugin } from "../../core/gateway/definePlugin";
import { account } from "./policy";
import { receipt } from "./receipt";

export = definePlugin({
  name: "account",
  summary: "Answers GET /v1/me, who the caller is and how the coins stand, and GET /v1/requests/{id}, the receipt of a call.",
  policies: [account, receipt],
});
