import { definePlugin } from "../../core/gateway/definePlugin";
import { mountMetrics } from "./routes";

export = definePlugin({
  name: "metrics",
  summary: "Answers GET /metrics for Prometheus, where the configuration has it switched on.",
  policies: [],
  routes: mountMetrics,
});
