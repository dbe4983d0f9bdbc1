import { definePlugin } from "../../core/gateway/definePlugin";
import { coinMetering } from "./policy";

export = definePlugin({
  name: "coin-metering",
  summary: "Sets coins aside before the call, so that a pool is never overspent; the call is settled when it ends.",
  policies: [coinMetering],
});
