import { definePlugin } from "../../core/gateway/definePlugin";
import { upstreamProxy } from "./policy";

export = definePlugin({
  name: "upstream-proxy",
  summary: "Sends the call to a model server and relays its answer, byte for byte; settles the call before its last byte.",
  policies: [upstreamProxy],
});
