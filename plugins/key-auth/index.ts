import { definePlugin } from "../../core/gateway/definePlugin";
import { keyAuth } from "./policy";

export = definePlugin({
  name: "key-auth",
  summary: "Finds out who is calling, by the API key; refuses everybody else.",
  policies: [keyAuth],
});
