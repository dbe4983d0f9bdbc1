import { definePlugin } from "../../core/gateway/definePlugin";
import { modelCatalog } from "./policy";

export = definePlugin({
  name: "model-catalog",
  summary: "Answers the two model routes with what the caller can use now.",
  policies: [modelCatalog],
});
