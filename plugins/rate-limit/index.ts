import { definePlugin } from "../../core/gateway/definePlugin";
import { rateLimit } from "./policy";

export = definePlugin({
  name: "rate-limit",
  summary: "Holds each owner to so many requests per window and at once, over all keys and routes.",
  policies: [rateLimit],
});
